"""同样多的 FLOP，一批一起乘和一列一列乘，速度差多少？（≈ 行因机器而异）"""

import time

import numpy as np


def flop(m: int, k: int, n: int) -> int:
    """(m × k) 乘 (k × n)：每个结果做 k 次乘、k 次加。"""
    return 2 * m * k * n


def least_bytes(m: int, k: int, n: int, dtype_bytes: int = 4) -> int:
    """两个输入各读一遍、结果写一遍，是搬运量的下限。"""
    return (m * k + k * n + m * n) * dtype_bytes


def per_second(job, work: float, repeats: int = 3) -> float:
    """job 做一次是 work（FLOP 或字节），每秒做多少：先热身，再取最快的一次，避开别的进程。"""
    job()
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return work / min(seconds)


if __name__ == "__main__":
    size, batch = 4_096, 64  # 权重 64 MiB，大于多数 CPU 的缓存
    rng = np.random.default_rng(0)
    weights = rng.random((size, size), dtype=np.float32)
    inputs = rng.random((size, batch), dtype=np.float32)
    columns = [np.ascontiguousarray(inputs[:, i]) for i in range(batch)]

    total = flop(size, size, batch)
    for name, data in (
        (f"{batch} 列一起乘", least_bytes(size, size, batch)),
        (f"逐列乘 {batch} 次", batch * least_bytes(size, size, 1)),
    ):
        print(f"{name}：{total / 1e9:.2f} GFLOP，至少搬 {data / 1e6:,.0f} MB，", end="")
        print(f"每字节 {total / data:.1f} FLOP")
    together = per_second(lambda: weights @ inputs, total)
    one_by_one = per_second(lambda: [weights @ column for column in columns], total)
    print(f"≈ 一起乘 {together / 1e9:.0f} GFLOP/s，逐列乘 {one_by_one / 1e9:.1f} GFLOP/s")
    print(f"≈ 同样的 FLOP，一起乘的速度是逐列乘的 {together / one_by_one:.1f} 倍")
