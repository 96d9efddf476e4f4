"""真的用套接字跑环形 all-reduce，busbw 随消息怎样变？（≈ 行因机器而异）"""

import time

import numpy as np

from infrastructure.performance.busbw import all_reduce_busbw
from training.distributed.ring_over_sockets import ring


def best_seconds(vectors: list[np.ndarray], repeats: int = 7) -> float:
    """跑几遍取最快的一遍，每遍都核对结果；和不对时抛出 RuntimeError。"""
    seconds, total = [], sum(vectors)
    for _ in range(repeats):
        start = time.perf_counter()
        results, _ = ring(vectors)
        seconds.append(time.perf_counter() - start)
        if not all(np.array_equal(result, total) for result in results):
            raise RuntimeError("all-reduce 的和不对，这次计时作废")
    return min(seconds)


if __name__ == "__main__":
    nodes, sizes = 2, (1 << 10, 1 << 14, 1 << 18)
    rng, took = np.random.default_rng(0), []
    for size in sizes:
        took.append(best_seconds(list(rng.integers(100, size=(nodes, size // 4), dtype=np.int32))))
        rate = all_reduce_busbw(size / took[-1], nodes)
        print(f"≈ {size // 1_024:>3} KiB：{took[-1] * 1e3:.2f} ms，busbw {rate / 1e6:,.1f} MB/s")
    print(f"消息大到 {sizes[-1] // sizes[0]} 倍，每次的和都核对过")
    print(f"≈ 用时只长到 {took[-1] / took[0]:.1f} 倍：小消息量到的几乎全是启动和握手")
