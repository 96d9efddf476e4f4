"""进程从 1 个加到 4 个，实际快几倍？与 Amdahl 定律、USL 差在哪里？"""

import os
import pickle
import time
from concurrent.futures import ProcessPoolExecutor

from coding.compute.when_pool_wins import sum_to
from infrastructure.performance.scaling import efficiency, usl


def seconds(task, inputs: list, workers: int) -> float:
    """从启动进程到收齐结果；workers 为 0 就是循环。"""
    start = time.perf_counter()
    if workers == 0:
        list(map(task, inputs))
    else:
        with ProcessPoolExecutor(max_workers=workers) as pool:
            list(pool.map(task, inputs))
    return time.perf_counter() - start


def best_of(runs: int, task, inputs: list, counts: tuple[int, ...]) -> list[float]:
    """每种进程数轮流跑几遍，各取最快的一遍：别的程序只会让它变慢。"""
    rounds = [[seconds(task, inputs, workers) for workers in counts] for _ in range(runs)]
    return [min(column) for column in zip(*rounds)]


def crosstalk_from(speedup: float, times: float, contention: float) -> float:
    """从实测加速比反推 USL 的协调系数，不小于零：usl(times, contention, κ) = speedup。"""
    return max(0, times / speedup - 1 - contention * (times - 1)) / (times * (times - 1))


if __name__ == "__main__":
    counts, cores = (1, 2, 4), os.cpu_count()
    heavy, plenty = [1_000_000] * 8, [bytes(4_000_000)] * 8
    loop_s, *pool_s = best_of(3, sum_to, heavy, (0, *counts))
    (overhead_s,) = best_of(3, len, [b""] * 8, (2,))  # 空任务：只剩启动和收发
    (shipping_s,) = best_of(3, len, plenty, (2,))
    serial = overhead_s / (overhead_s + loop_s)
    print(f"≈ {cores} 个核，启动和收发占 {serial:.1%}")
    for workers, measured_s in zip(counts, pool_s):
        speedup, on_cores = loop_s / measured_s, usl(min(workers, cores), serial, 0)
        print(f"≈ {workers} 个进程：加速比 {speedup:.2f}，效率 {efficiency(speedup, workers):.0%}")
        print(f"≈   Amdahl {usl(workers, serial, 0):.2f}，只算有核的进程 {on_cores:.2f}")
    crosstalk = crosstalk_from(speedup, counts[-1], serial)
    print(f"≈ 硬用 USL：协调系数 {crosstalk:.3f}，16 个进程 {usl(16, serial, crosstalk):.2f}")
    small, large = (len(pickle.dumps(inputs[0])) for inputs in (heavy, plenty))
    print(f"每个任务送 {small:,} 字节，或 {large:,} 字节")
    print(f"≈ 什么都不算，只启动和收发：{overhead_s:.3f} 秒，或 {shipping_s:.3f} 秒")
