"""Young 的检查点间隔，放进随机的故障里还对吗？什么时候失灵？"""

import math

import numpy as np

from business.inference.limits import non_negative, positive
from infrastructure.performance.checkpoint_interval import best_interval, lost_share

DALY_MTBF_MINUTES = (1_440, 360, 15)
DALY_OPTIMUM_MINUTES = (117, 57, 9.1)  # 写一次 5 分钟，重启 10 分钟


def daly_interval(mtbf_s: float, save_s: float) -> float:
    """Daly 的高阶近似（FGCS 2006）；写一次不短于两倍 MTBF 时，取 MTBF。单位相同即可。"""
    positive(mtbf_s=mtbf_s, save_s=save_s)
    if save_s >= 2 * mtbf_s:
        return mtbf_s
    x = save_s / (2 * mtbf_s)
    return math.sqrt(2 * save_s * mtbf_s) * (1 + math.sqrt(x) / 3 + x / 9) - save_s


def exact_loss(interval_s: float, mtbf_s: float, save_s: float, restart_s: float = 0) -> float:
    """故障无记忆时的准确值：1 − τ ÷ (M·e^(R/M)·(e^((τ+δ)/M) − 1))，Daly 的总时间公式。"""
    positive(interval_s=interval_s, mtbf_s=mtbf_s, save_s=save_s)
    non_negative(restart_s=restart_s)
    growth = math.exp(restart_s / mtbf_s) * math.expm1((interval_s + save_s) / mtbf_s)
    return 1 - interval_s / (mtbf_s * growth)


def simulated_loss(gaps_s: np.ndarray, interval_s: float, save_s: float, restart_s=0.0) -> float:
    """按给定的故障间隔走一遍：先重启，再一段一段算；只有写完检查点的段才算数。"""
    finished = np.floor(np.maximum(gaps_s - restart_s, 0) / (interval_s + save_s))
    return 1 - finished.sum() * interval_s / gaps_s.sum()


if __name__ == "__main__":
    print("写一次 5 分钟，重启 10 分钟（Daly 论文的例子）")
    for mtbf, published in zip(DALY_MTBF_MINUTES, DALY_OPTIMUM_MINUTES):
        young, daly = best_interval(mtbf, 5), daly_interval(mtbf, 5)
        print(f"MTBF {mtbf:,} 分钟：Young {young:.1f}，Daly {daly:.1f}，论文 {published} 分钟")
        gaps = np.random.default_rng(0).exponential(mtbf, 400_000)
        print(f"  按 Daly 写，损失：模拟 {simulated_loss(gaps, daly, 5, 10):.1%}，", end="")
        print(f"准确公式 {exact_loss(daly, mtbf, 5, 10):.1%}，", end="")
        print(f"一阶近似 {lost_share(daly, mtbf, 5) + 10 / mtbf:.1%}")
    print("换成成串的故障（威布尔，形状 0.7，假设），MTBF 360 分钟，重启不计：")
    clustered = 360 / math.gamma(1 + 1 / 0.7) * np.random.default_rng(1).weibull(0.7, 400_000)
    tried = {t: simulated_loss(clustered, t, 5) for t in range(20, 201, 5)}
    best, young = min(tried, key=tried.get), best_interval(360, 5)
    print(
        f"  Young 的 {young:.0f} 分钟：准确公式（指数）损失 {exact_loss(young, 360, 5):.1%}，",
        end="",
    )
    print(f"成串的损失 {simulated_loss(clustered, young, 5):.1%}")
    print(f"  逐个试：最好的 {best} 分钟损失 {tried[best]:.1%}", end="，")
    print(f"每 5 小时一次损失 {simulated_loss(clustered, 300, 5):.1%}")
