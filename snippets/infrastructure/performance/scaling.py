"""加了几十倍的卡，扩展效率怎么算？再加还值得吗？"""

import math

from business.inference.limits import fraction, positive

MEGATRON_GPUS = (96, 4_608)
MEGATRON_MFU_PERCENT = (47, 42)
PALM_TWO_POD_SPEEDUP = 1.95


def efficiency(speedup: float, times: float) -> float:
    """扩展效率 = 加速比 ÷ 资源的倍数。"""
    positive(speedup=speedup, times=times)
    return speedup / times


def speedup_from_mfu(times: float, mfu_before: float, mfu_after: float) -> float:
    """总工作量不变时的加速比 = 资源的倍数 × MFU 之比。"""
    positive(times=times)
    fraction(mfu_before=mfu_before, mfu_after=mfu_after)
    return times * mfu_after / mfu_before


def serial_share(speedup: float, times: float) -> float:
    """从实测加速比反推 Amdahl 的串行占比：S = 1 / (s + (1 − s)/p)。

    times 要大于 1，speedup 要在 1 和 times 之间，否则抛出 ValueError。
    """
    if times <= 1 or not 1 <= speedup <= times:
        raise ValueError(f"要有 1 ≤ speedup ≤ times 且 times > 1，收到 {speedup} 和 {times}")
    return (times / speedup - 1) / (times - 1)


def usl(times: float, contention: float, crosstalk: float) -> float:
    """通用扩展律：crosstalk 为 0 时就是 Amdahl；大于 0 时，加到一定程度反而变慢。"""
    return times / (1 + contention * (times - 1) + crosstalk * times * (times - 1))


if __name__ == "__main__":
    small, large = MEGATRON_GPUS
    times = large / small
    speedup = speedup_from_mfu(times, *(percent / 100 for percent in MEGATRON_MFU_PERCENT))
    serial = serial_share(speedup, times)
    print(f"强扩展，{small} → {large:,} 张：{times:.0f} 倍的卡，速度 {speedup:.1f} 倍，", end="")
    print(f"效率 {efficiency(speedup, times):.1%}，串行占比 {serial:.3%}")
    print(f"弱扩展，PaLM 一个 pod → 两个：效率 {efficiency(PALM_TWO_POD_SPEEDUP, 2):.1%}")
    for more in (48, 192, 768):
        print(f"按 Amdahl，{more} 倍的卡：效率 {usl(more, serial, 0) / more:.0%}")
    crosstalk = 1e-5
    peak = math.sqrt((1 - serial) / crosstalk)
    print(f"若两两之间还有 {crosstalk:.5f} 的协调开销：{peak:.0f} 倍时最快，再加就变慢")
