"""这台机器能读出自己用了多少电吗？读不到时，怎样算？"""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from business.inference.limits import non_negative
from training.energy.training_energy import US_AVERAGE_PUE, US_GRID_KG_PER_KWH, energy_kwh


def read_counters(root: Path) -> dict[str, tuple[int, int]]:
    """整颗处理器的能量计数器：名称 → (读数, 最大值)，单位微焦。没有，或没有权限，就不在里面。

    只取 intel-rapl:0 这一层：下一层的核（core）已在其中，加进来就重复；内存（dram）不在其中。
    """
    found = {}
    for zone in sorted(root.glob("intel-rapl:*")):
        if zone.name.count(":") == 1:
            try:
                parts = (zone / name for name in ("energy_uj", "max_energy_range_uj"))
                found[zone.name] = tuple(int(part.read_text()) for part in parts)
            except OSError:  # 新的内核只许 root 读
                continue
    return found


def joules(before: Mapping[str, tuple[int, int]], after: Mapping[str, tuple[int, int]]) -> float:
    """两次读数之间用了多少焦。计数器到最大值会归零，差为负时补上一圈。"""
    total = 0
    for zone, (start, largest) in before.items():
        used = after[zone][0] - start
        total += used + largest if used < 0 else used
    return total / 1e6


def modelled_kwh(hours: float, watts: float, load: float, pue: float) -> float:
    """没有计数器时的估算：功率假设为额定值 × 平均负载。每一项都是假设，要写出来。"""
    non_negative(hours=hours, watts=watts, load=load)
    return energy_kwh(hours, 1, watts * load, pue)


if __name__ == "__main__":
    root, matrix = Path("/sys/class/powercap"), np.ones((512, 512))
    before, start = read_counters(root), time.perf_counter()
    while time.perf_counter() - start < 0.5:
        matrix @ matrix
    used, seconds = joules(before, read_counters(root)), time.perf_counter() - start
    print(
        f"≈ 本机可读的计数器 {len(before)} 个，{seconds:.1f} 秒矩阵乘读到 {used:.1f} J；零个就是测不了"
    )
    around = joules({"0": (950_000_000, 1_000_000_000)}, {"0": (20_000_000, 1_000_000_000)})
    print(f"计数器在 1,000 J 处归零，读数从 950 变成 20：用了 {around:.0f} J")
    kwh = modelled_kwh(10, 200, 0.6, US_AVERAGE_PUE)
    print("假设：10 小时，额定 200 W，平均负载 60%，美国平均的 PUE 和电网")
    print(f"模型：{kwh:.2f} kWh，{kwh * US_GRID_KG_PER_KWH:.2f} kg")
    high = modelled_kwh(10, 200, 1.0, US_AVERAGE_PUE)
    print(f"只把负载改成 100%，其余不变：{high:.2f} kWh，多 {high / kwh - 1:.0%}")
