"""按公开的公式推算卡数，和公布的集群差多少？"""

from business.inference.limits import fraction, positive
from business.training_cost.flops import LLAMA3_MFU_8K_16K_PERCENT, gpu_hours
from infrastructure.components.checkpoint_burst import (
    LLAMA3_TRAINING_GPUS,
    LLAMA31_PARAMETERS_BILLION,
)
from infrastructure.performance.busbw import bus_factor
from training.evaluation import whole_run
from training.evaluation.mfu import flop_per_token

LLAMA3_EFFECTIVE_PERCENT = 90


def gpus_needed(
    flop: float, days: float, peak_flop_per_s: float, mfu: float, effective: float = 1.0
) -> float:
    """卡数 = 卡时 ÷（天数 × 24 × 有效训练时间占比）。"""
    positive(days=days)
    fraction(effective=effective)
    return gpu_hours(flop, peak_flop_per_s, mfu) / (days * 24 * effective)


def sync_bytes(params: float, shards: int, replicas: int, gradient_bytes: float = 4) -> float:
    """一步里每张卡发出的字节：梯度 reduce-scatter，半精度参数 all-gather（ZeRO §7.2）。

    一份模型分在 shards 张卡上，共 replicas 份；每张卡只同步自己那一片。梯度默认是单精度。
    """
    positive(params=params, shards=shards, gradient_bytes=gradient_bytes)
    scatter, gather = (bus_factor(name, replicas) for name in ("reduce-scatter", "all-gather"))
    return (scatter * gradient_bytes + gather * 2) * params / shards


if __name__ == "__main__":
    params, peak = LLAMA31_PARAMETERS_BILLION * 1e9, whole_run.H100_BF16_TFLOPS * 1e12
    layers, width, sequence = whole_run.LLAMA31_LAYERS_WIDTH_SEQUENCE
    mfu, effective = LLAMA3_MFU_8K_16K_PERCENT[1] / 100, LLAMA3_EFFECTIVE_PERCENT / 100
    flop = (
        flop_per_token(params, layers, 1, width, sequence) * whole_run.LLAMA3_TOKENS_TRILLION * 1e12
    )
    published = whole_run.LLAMA31_405B_GPU_HOURS_MILLION * 100  # 万
    days = whole_run.days(published * 1e4, LLAMA3_TRAINING_GPUS)
    hours = gpu_hours(flop, peak, mfu) / effective / 1e4
    print(f"Llama 3 405B：{flop:.2e} FLOP（含注意力），MFU {mfu:.0%}，有效时间 {effective:.0%}")
    print(f"卡时：推算 {hours:,.0f} 万，公布 {published:,.0f} 万，差 {hours / published - 1:+.1%}")
    gpus = gpus_needed(flop, days, peak, mfu, effective)
    print(f"公布的卡时合 {days:.1f} 天；按这些天推算要 {gpus:,.0f} 张，", end="")
    print(f"公布 {LLAMA3_TRAINING_GPUS:,} 张，差 {gpus / LLAMA3_TRAINING_GPUS - 1:+.1%}")
