"""测了几个点，Amdahl、Gustafson、USL 的参数怎样拟合，能外推多远？"""

import math

import numpy as np
from scipy.optimize import curve_fit

from business.inference.limits import positive, share
from infrastructure.performance.scaling import usl

SPEC_SDM91_LOAD = (1, 18, 36, 72, 108, 144, 216)
SPEC_SDM91_THROUGHPUT = (64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2)


def gustafson(times: float, serial: float) -> float:
    """弱扩展的加速比 p − s(p − 1)：每份资源的工作量不变，serial 是其中串行的占比。"""
    positive(times=times)
    share(serial=serial)
    return times - serial * (times - 1)


def fit_amdahl(times, speedups) -> float:
    """最小二乘的串行占比，限制在 0 到 1。"""
    found, _ = curve_fit(lambda p, s: usl(p, s, 0), times, speedups, p0=0.05, bounds=(0, 1))
    return float(found[0])


def fit_gustafson(times, speedups) -> float:
    """同上，弱扩展的；S = p − s(p−1) 对 s 是线性的，有闭式解。"""
    extra, missing = np.asarray(times) - 1, np.asarray(times) - speedups
    return float(np.clip(extra @ missing / (extra @ extra), 0, 1))


def fit_usl(loads, throughputs) -> tuple[float, float, float]:
    """(一份负载的吞吐, 争用 σ, 协调 κ)，都不小于零。至少要有三个不同的负载。"""
    if len(set(loads)) < 3:
        raise ValueError(f"loads 至少要有三个不同的值，收到 {list(loads)}")
    start = throughputs[0] / loads[0], 0.01, 1e-4

    def model(load, one, contention, crosstalk):
        return one * usl(load, contention, crosstalk)

    return tuple(curve_fit(model, loads, throughputs, p0=start, bounds=(0, np.inf))[0])


if __name__ == "__main__":
    loads, measured = np.array(SPEC_SDM91_LOAD, float), np.array(SPEC_SDM91_THROUGHPUT)
    one, contention, crosstalk = fit_usl(loads, measured)
    peak = math.sqrt((1 - contention) / crosstalk)
    print(f"USL：σ = {contention:.4f}，κ = {crosstalk:.6f}，吞吐的顶点在 {peak:.1f} 个用户")
    (start, serial), _ = curve_fit(lambda p, g, s: g * usl(p, s, 0), loads, measured, (one, 0.01))
    print(f"只用 Amdahl 拟合同样的点：216 个用户 {start * usl(216, serial, 0):,.0f}，", end="")
    print(f"USL {one * usl(216, contention, crosstalk):,.0f}，实测 {measured[-1]:,.0f}")
    for points in (4, 5):
        few = fit_usl(loads[:points], measured[:points])
        print(
            f"只测到 {loads[points - 1]:.0f} 个用户就外推：USL 说 {few[0] * usl(216, *few[1:]):,.0f}"
        )
