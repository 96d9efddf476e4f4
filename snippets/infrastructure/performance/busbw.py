"""集合通信测得的带宽怎样与硬件带宽相比？"""

from business.inference.limits import positive

ALLREDUCE_GPUS = 32
ALLREDUCE_ALGBW_GBYTES_PER_S = 47.32
ALLREDUCE_BUSBW_GBYTES_PER_S = 91.69


def bus_factor(collective: str, ranks: int) -> float:
    """总线带宽 ÷ 算法带宽，出自 nccl-tests 的 PERFORMANCE.md。

    ranks 小于 2，或者 collective 不认识时抛出 ValueError。
    """
    if ranks < 2:
        raise ValueError(f"ranks 至少是 2，收到 {ranks}")
    factors = {
        "all-reduce": 2 * (ranks - 1) / ranks,
        "all-gather": (ranks - 1) / ranks,
        "reduce-scatter": (ranks - 1) / ranks,
        "all-to-all": (ranks - 1) / ranks,
        "broadcast": 1.0,
    }
    if collective not in factors:
        raise ValueError(f"collective 要是 {'、'.join(factors)} 之一，收到 {collective}")
    return factors[collective]


def all_reduce_busbw(algbw: float, ranks: int) -> float:
    """all-reduce 的总线带宽 = 算法带宽 × 2(n−1)/n，单位与 algbw 相同。"""
    positive(algbw=algbw)
    return algbw * bus_factor("all-reduce", ranks)


if __name__ == "__main__":
    factor = bus_factor("all-reduce", ALLREDUCE_GPUS)
    print(f"{ALLREDUCE_GPUS} 张 GPU 的 all-reduce：系数 2(n−1)/n = {factor:.4f}")
    busbw = all_reduce_busbw(ALLREDUCE_ALGBW_GBYTES_PER_S, ALLREDUCE_GPUS)
    print(f"算法带宽 {ALLREDUCE_ALGBW_GBYTES_PER_S} GB/s → 总线带宽 {busbw:.2f} GB/s", end="，")
    print(f"公布值 {ALLREDUCE_BUSBW_GBYTES_PER_S} GB/s")
    print("同一套硬件，总线带宽都按 100 GB/s 算，算法带宽却随张数变：")
    for ranks in (2, 8, 32, 1_024):
        print(f"  {ranks:>5,} 张：{100 / bus_factor('all-reduce', ranks):6.2f} GB/s")
