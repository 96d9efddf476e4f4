"""一分钟里失败几次登录才报警，误报有多少？"""

import math

import numpy as np

from business.inference.limits import fraction, positive


def tail(mean: float, count: int) -> float:
    """泊松尾部 P(N ≥ count)：平均 mean 次，却来了 count 次或更多的概率。"""
    positive(mean=mean)
    below = sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count))
    return max(0.0, 1 - below)


def threshold(mean: float, false_positive: float) -> int:
    """误报率不超过 false_positive 的最小次数。"""
    fraction(false_positive=false_positive)
    count = 1
    while tail(mean, count) > false_positive:
        count += 1
    return count


def alarms(log: list[str], limit: int) -> dict[str, int]:
    """返回 Failed password 达到 limit 次的分钟。每行以 2026-11-23T04:05:06 这样的时间开头。"""
    counts: dict[str, int] = {}
    for line in log:
        if " Failed password " in line:
            counts[line[:16]] = counts.get(line[:16], 0) + 1
    return {minute: count for minute, count in counts.items() if count >= limit}


def write_log(seconds: np.ndarray, source: str) -> list[str]:
    moments = np.datetime64("2026-01-01T00:00:00") + np.sort(seconds).astype("timedelta64[s]")
    return [f"{moment} sshd: Failed password for admin from {source}" for moment in moments]


if __name__ == "__main__":
    mean, minutes, days = 0.5, 1440, 300
    limit = threshold(mean, 1 / (30 * minutes))
    rate = tail(mean, limit)
    print(f"假设平时平均每分钟输错 {mean} 次；30 天平均误报不超过一次")
    print(f"一分钟满 {limit} 次才报，每分钟误报率 {rate:.1e}")
    rng = np.random.default_rng(0)
    log = write_log(rng.uniform(0, days * 86_400, rng.poisson(mean * minutes * days)), "office")
    found, expected = len(alarms(log, limit)), rate * minutes * days
    print(f"{days} 天、{len(log):,} 行正常的日志：预计误报 {expected:.1f} 次，实际 {found} 次")
    attack = write_log(100 * 86_400 + np.linspace(0, 59, 30), "203.0.113.9")
    extra = set(alarms(log + attack, limit)) - set(alarms(log, limit))
    print(f"一分钟猜 30 次，报警的分钟：{'、'.join(extra)}")
    for guesses in (4, 2, 1):
        chance = 1 - (1 - tail(mean, limit - guesses)) ** 60
        print(f"每分钟猜 {guesses} 次，猜一小时：报过警的概率 {chance:.1%}")
    false = tail(4 * mean, limit) * 30 * minutes
    print(f"高峰时平均 {4 * mean:.0f} 次，还用这个门槛：30 天误报 {false:.0f} 次")
