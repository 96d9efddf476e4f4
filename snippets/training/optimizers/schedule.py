"""学习率为什么先升后降？预热让更大的学习率站得住，衰减压低最后的噪声。"""

import math

import numpy as np

from training.optimizers.compare import corpus, loss, tune
from training.optimizers.rules import descend, sgd

LLAMA3_PEAK_LEARNING_RATE = 8e-5
LLAMA3_WARMUP_STEPS = 8_000
LLAMA3_FINAL_LEARNING_RATE = 8e-7
LLAMA3_TOTAL_STEPS = 1_200_000


def warmup_cosine(t: int, steps: int, warmup: int, peak: float, final: float = 0.0) -> float:
    """第 t 步（从 1 数起）的学习率：前 warmup 步线性升到 peak，再沿半个余弦降到 final。

    余弦：Loshchilov、Hutter（2017），式 5，不重启。warmup 不在 0 和 steps 之间、t 不在 1 和 steps
    之间时抛出 ValueError。
    """
    if not 0 <= warmup < steps:
        raise ValueError(f"warmup 必须在 0 和 steps 之间，不含 steps = {steps}，收到 {warmup}")
    if not 1 <= t <= steps:
        raise ValueError(f"t 必须在 1 和 steps = {steps} 之间，收到 {t}")
    if t <= warmup:
        return peak * t / warmup
    progress = (t - warmup) / (steps - warmup)
    return final + (peak - final) * (1 + math.cos(math.pi * progress)) / 2


def quartic(rates) -> float:
    """从 w = 10 出发，沿 w⁴/4 下降，返回最后的 |w|。曲率 3w² 起点最大，越往下越小。"""
    with np.errstate(over="ignore", invalid="ignore"):
        end = abs(descend(sgd, lambda w, t: w**3, 10.0, rates)[-1])
    return float(end) if np.isfinite(end) else math.inf


if __name__ == "__main__":
    steps, warmup = LLAMA3_TOTAL_STEPS, LLAMA3_WARMUP_STEPS
    peak, final = LLAMA3_PEAK_LEARNING_RATE, LLAMA3_FINAL_LEARNING_RATE
    print(f"Llama 3 的学习率，共 {steps:,} 步：")
    for t in 1, 4_000, 8_000, steps:
        print(f"  第 {t:,} 步：{warmup_cosine(t, steps, warmup, peak, final):.0e}")
    print(f"w⁴/4，从 10 出发，曲率 300，上限 2/300 = {2 / 300:.4f}，走 200 步：")
    print(f"  一直 0.006，停在 {quartic([0.006] * 200):.2f}")
    print(f"  一直 0.05，{'发散' if quartic([0.05] * 200) == math.inf else '没有发散'}")
    print(
        f"  用 50 步升到 0.05，停在 {quartic([0.05 * min(1, t / 50) for t in range(1, 201)]):.2f}"
    )
    x, y, _ = corpus(4096, 200, 0.1, seed=0)
    cosine = [warmup_cosine(t, 128, 0, 1.0) for t in range(1, 129)]
    for name in "RMSProp", "SGD":
        flat, decayed = (loss(tune(name, x, y, s)[1][-1], x, y) for s in (np.ones(128), cosine))
        print(f"{name}，同样走 128 步：学习率不变，损失 {flat:.3f}；余弦衰减，{decayed:.3f}")
