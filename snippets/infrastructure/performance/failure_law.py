"""坏过几次，才敢报一个 MTBF？故障之间的间隔服从什么分布？"""

import math

import numpy as np
from scipy.stats import chi2, weibull_min

from business.inference.limits import fraction, non_negative, positive
from infrastructure.performance.availability import (
    LLAMA3_SNAPSHOT_DAYS,
    LLAMA3_UNEXPECTED_STOPS,
    mtbf_hours,
)


def mtbf_interval(hours: float, failures: int, confidence: float = 0.95) -> tuple[float, float]:
    """观察 hours 小时、坏了 failures 次，MTBF 的置信区间；故障是泊松过程，区间由卡方分布给出。

    一次也没坏时只有下限，上限是无穷大。
    """
    positive(hours=hours)
    non_negative(failures=failures)
    fraction(confidence=confidence)
    tail = (1 - confidence) / 2
    low = 2 * hours / chi2.ppf(1 - tail, 2 * failures + 2)
    return low, 2 * hours / chi2.ppf(tail, 2 * failures) if failures else math.inf


def weibull_shape(gaps: np.ndarray) -> float:
    """间隔的威布尔形状：1 是无记忆的指数分布；小于 1，刚坏过的更容易再坏。"""
    return weibull_min.fit(gaps, floc=0)[0]


def survives(after: float, more: float, shape: float, mean: float) -> float:
    """已经好好跑了 after，再跑 more 不坏的概率；mean 是平均间隔，单位都相同。"""
    scale = mean / math.gamma(1 + 1 / shape)
    return math.exp((after / scale) ** shape - ((after + more) / scale) ** shape)


if __name__ == "__main__":
    for days, failures in ((LLAMA3_SNAPSHOT_DAYS, LLAMA3_UNEXPECTED_STOPS), (54, 3), (54, 0)):
        low, high = mtbf_interval(days * 24, failures)
        point = f"{mtbf_hours(days, failures):.2f} 小时" if failures else "算不出"
        limit = f"{high:,.2f} 小时" if failures else "无穷大"
        print(f"{days} 天坏 {failures} 次：MTBF {point}，95% 区间 {low:.2f} 到 {limit}")
    rng, mean_days = np.random.default_rng(0), 264  # 摊到每台服务器，平均多少天坏一次
    for name, shape in ("指数", 1.0), ("威布尔", 0.7):  # 0.7 是假设
        scale = mean_days / math.gamma(1 + 1 / shape)
        found = weibull_shape(scale * rng.weibull(shape, 419))
        fresh, old = (survives(after, 30, shape, mean_days) for after in (0, 90))
        print(f"{name}，形状 {shape}：419 个间隔估出 {found:.2f}；再跑 30 天不坏的概率", end="，")
        print(f"刚修好 {fresh:.0%}，已跑 90 天 {old:.0%}")
