"""模型、芯片、机房、地点，哪个最重要？倍数相乘，所以取对数看各占多少。"""

from math import log, prod

from training.energy.four_levers import pull_levers

FOUR_LEVERS_TIMES = (3, 10, 2, 5, 1.4, 2, 5, 10)  # 四个杠杆的下限、上限，依次相间

names = ("模型", "芯片", "机房", "地点")


def log_shares(times: list[float]) -> list[float]:
    """每个倍数的对数占总倍数对数的比例。倍数要大于等于 1，至少一个大于 1，否则抛出 ValueError。"""
    if min(times) < 1 or max(times) == 1:
        raise ValueError(f"times 都要至少是 1，且不全是 1，收到 {times}")
    return [log(time) / log(prod(times)) for time in times]


def measured_times(unit: str) -> list[float]:
    """四个杠杆的例子里，每一步把 unit（kwh 或 kg）除以了几。"""
    runs = [getattr(run, unit) for _, run in pull_levers()]
    return [before / after for before, after in zip(runs, runs[1:])]


if __name__ == "__main__":
    low, high = list(FOUR_LEVERS_TIMES[::2]), list(FOUR_LEVERS_TIMES[1::2])
    for title, times in (
        ("例子，碳", measured_times("kg")),
        ("例子，电", measured_times("kwh")),
        ("公布的下限，碳", low),
        ("公布的上限，碳", high),
    ):
        shares = zip(names, times, log_shares(times))
        cells = "　".join(f"{name} ÷{time:.1f} 占 {share:.0%}" for name, time, share in shares)
        print(f"{title}，合计 ÷{prod(times):.0f}：{cells}")
