"""进程池什么时候比循环快，什么时候反而慢？"""

import time
from concurrent.futures import ProcessPoolExecutor


def square(x: int) -> int:
    """一个轻任务：一次乘法。"""
    return x * x


def sum_to(n: int) -> int:
    """一个重任务：做 n 次乘加。"""
    return sum(i * i for i in range(n))


def batch_size(tasks: int, workers: int) -> int:
    """每个进程分四批：批大，摊薄通信；批多，最后一批不会让别人久等。"""
    return max(1, tasks // (4 * workers))


def pool_over_loop(task, inputs: list[int], workers: int, batch: int) -> float:
    """进程池用时 ÷ 循环用时：大于 1 表示进程池更慢。结果不一致时抛出 RuntimeError。"""
    start = time.perf_counter()
    in_loop = [task(x) for x in inputs]
    loop_s = time.perf_counter() - start

    start = time.perf_counter()
    with ProcessPoolExecutor(max_workers=workers) as pool:
        in_pool = list(pool.map(task, inputs, chunksize=batch))
    pool_s = time.perf_counter() - start

    if in_pool != in_loop:
        raise RuntimeError("进程池与循环的结果不同")
    return pool_s / loop_s


if __name__ == "__main__":
    workers, light, heavy = 2, list(range(10_000)), [2_000_000] * 8
    for name, task, inputs, batch in (
        ("一万次乘法，一个一个发", square, light, 1),
        ("一万次乘法，成批发", square, light, batch_size(len(light), workers)),
        ("八个重任务，各两百万次乘加", sum_to, heavy, 1),
    ):
        ratio = pool_over_loop(task, inputs, workers, batch)
        print(f"≈ {name}：进程池用时是循环的 {ratio:.2f} 倍")
