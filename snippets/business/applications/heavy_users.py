"""包月的产品，重度用户会把毛利率拉到多低？价格低到多少就亏？"""


def mean_cost_usd(tiers: dict[str, tuple[float, float]], usd_per_task: float) -> float:
    """每个付费用户每月的平均成本 = Σ 人数比例 × 任务数 × 每个任务的成本。

    tiers：名称 → (人数比例, 每月任务数)。比例之和不为 1、任务数为负都抛出 ValueError。
    """
    if not abs(sum(share for share, _ in tiers.values()) - 1) < 1e-9:
        raise ValueError("tiers 的人数比例之和必须是 1")
    if not 0 <= usd_per_task < float("inf"):
        raise ValueError(f"usd_per_task 必须是非负的有限数，收到 {usd_per_task}")
    for name, (share, tasks) in tiers.items():
        if not (0 <= share <= 1 and 0 <= tasks < float("inf")):
            raise ValueError(
                f"tiers 的“{name}”要有 0 到 1 的比例和非负的任务数，收到 {(share, tasks)}"
            )
    return usd_per_task * sum(share * tasks for share, tasks in tiers.values())


def price_usd(mean_cost: float, target_margin: float = 0.0) -> float:
    """达到目标毛利率的最低月费 = 平均成本 ÷ (1 − 目标毛利率)；目标为零时是盈亏线。"""
    if not 0 <= mean_cost < float("inf"):
        raise ValueError(f"mean_cost 必须是非负的有限数，收到 {mean_cost}")
    if not 0 <= target_margin < 1:
        raise ValueError(f"target_margin 必须不小于 0 且小于 1，收到 {target_margin}")
    return mean_cost / (1 - target_margin)


if __name__ == "__main__":
    fee, usd_per_task = 20, 0.022  # 假设：月费；每个任务的成本取上一段代码的结果
    tiers = {"轻度": (0.6, 20), "中度": (0.3, 200), "重度": (0.1, 3_000)}  # 假设
    mean = mean_cost_usd(tiers, usd_per_task)
    print(f"月费 {fee} 美元，每个任务 {usd_per_task} 美元")
    for name, (share, tasks) in tiers.items():
        cost = tasks * usd_per_task
        print(
            f"{name} {share:.0%}：每月 {tasks:,} 个任务，成本 {cost:.2f}，毛利率 {1 - cost / fee:.0%}"
        )
    heavy_share, heavy_tasks = tiers["重度"]
    print(f"平均成本 {mean:.2f} 美元，毛利率 {1 - mean / fee:.0%}", end="，")
    print(f"重度用户占成本 {heavy_share * heavy_tasks * usd_per_task / mean:.0%}")
    print(
        f"月费低于 {price_usd(mean):.2f} 美元就亏；要 70% 毛利率，月费 {price_usd(mean, 0.7):.2f} 美元"
    )
    capped = mean_cost_usd(tiers | {"重度": (0.1, 500)}, usd_per_task)
    print(f"重度用户限到 500 个任务：平均成本 {capped:.2f} 美元，毛利率 {1 - capped / fee:.0%}")
