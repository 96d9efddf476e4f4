"""工作进程被杀（比如内存不足），两种标准库的进程池各会怎样？"""

import multiprocessing
import os
import signal
import time
from concurrent.futures import ProcessPoolExecutor


def fatal_at_three(x: int) -> int:
    """第 3 个任务杀掉自己所在的进程，与系统因内存不足发来的信号相同。"""
    if x == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return x * x


def with_multiprocessing(task, items, workers: int, limit_s: float) -> list:
    """get 带上时限，否则永远等下去；离开 with 时 Pool 结束它的全部进程。"""
    with multiprocessing.Pool(workers) as pool:
        return pool.map_async(task, items, chunksize=1).get(timeout=limit_s)


def with_futures(task, items, workers: int) -> list:
    """进程一死就抛出 BrokenProcessPool。"""
    with ProcessPoolExecutor(max_workers=workers) as pool:
        return list(pool.map(task, items))


def outcome(run, *arguments) -> tuple[str, float]:
    """（结果，或异常的名字；用了几秒）"""
    start = time.perf_counter()
    try:
        result = str(run(*arguments))
    except Exception as error:
        result = type(error).__name__
    return result, time.perf_counter() - start


if __name__ == "__main__":
    for task in (abs, fatal_at_three):
        print(f"任务 {task.__name__}")
        for run, *limits in ((with_multiprocessing, 2.0), (with_futures,)):
            result, seconds = outcome(run, task, range(6), 2, *limits)
            print(f"  {run.__name__}：{result}")
            print(f"≈   用了 {seconds:.2f} 秒")
