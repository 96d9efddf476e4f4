"""包月的产品，重度用户会把毛利率拉到多低？价格低到多少就亏？"""

from business.inference.limits import fraction, non_negative, positive
from business.inference.margin import gross_margin

AGENT_TASK_USD = 0.022  # 上面的例题里一个任务的成本
fee_usd = 20  # 假设：月费
segments = {"轻度": (0.6, 20), "中度": (0.3, 200), "重度": (0.1, 3_000)}  # 假设：人数比例、每月任务


def blended_cost_usd(light_cost_usd: float, heavy_cost_usd: float, heavy_share: float) -> float:
    """两类用户混在一起的平均成本：按人数加权。heavy_share 是第二类的人数比例，0 到 1。"""
    non_negative(light_cost_usd=light_cost_usd, heavy_cost_usd=heavy_cost_usd)
    if not 0 <= heavy_share <= 1:
        raise ValueError(f"heavy_share 必须在 0 到 1 之间，收到 {heavy_share}")
    return light_cost_usd * (1 - heavy_share) + heavy_cost_usd * heavy_share


def break_even_price_usd(cost_usd: float, target_margin: float = 0.0) -> float:
    """达到目标毛利率的最低价格 = 成本 ÷ (1 − 目标毛利率)；目标为零时是盈亏线（毛利率的定义）。"""
    non_negative(cost_usd=cost_usd)
    if not 0 <= target_margin < 1:
        raise ValueError(f"target_margin 必须不小于 0 且小于 1，收到 {target_margin}")
    return cost_usd / (1 - target_margin)


def break_even_tasks(fee_usd: float, usd_per_task: float) -> float:
    """一个包月用户用到多少个任务，月费就花光 = 月费 ÷ 每个任务的成本。"""
    non_negative(fee_usd=fee_usd)
    positive(usd_per_task=usd_per_task)
    return fee_usd / usd_per_task


def mean_cost_usd(segments: dict[str, tuple[float, float]], usd_per_task: float) -> float:
    """每个用户每月的平均成本：把各类用户（人数比例、任务数）逐类混入。比例之和必须是 1。"""
    mean = seen = 0.0
    for share, tasks in segments.values():
        fraction(share=share)
        seen += share
        mean = blended_cost_usd(mean, tasks * usd_per_task, share / seen)
    if not abs(seen - 1) < 1e-9:
        raise ValueError(f"segments 的人数比例之和必须是 1，收到 {seen}")
    return mean


if __name__ == "__main__":
    print(f"假设：月费 {fee_usd} 美元；每个任务 {AGENT_TASK_USD} 美元", end="，")
    print(f"{break_even_tasks(fee_usd, AGENT_TASK_USD):.0f} 个任务花光月费")
    for name, (share, tasks) in segments.items():
        cost = tasks * AGENT_TASK_USD
        print(f"{name} {share:.0%}：每月 {tasks:,} 个任务，成本 {cost:.2f}", end="，")
        print(f"毛利率 {gross_margin(fee_usd, cost):.0%}")
    mean, (heavy_share, heavy_tasks) = mean_cost_usd(segments, AGENT_TASK_USD), segments["重度"]
    print(f"平均成本 {mean:.2f} 美元，毛利率 {gross_margin(fee_usd, mean):.0%}", end="，")
    print(f"重度用户占成本 {heavy_share * heavy_tasks * AGENT_TASK_USD / mean:.0%}")
    print(f"月费低于 {break_even_price_usd(mean):.2f} 美元就亏", end="；")
    print(f"要 70% 毛利率，月费 {break_even_price_usd(mean, 0.7):.2f} 美元")
    capped = mean_cost_usd(segments | {"重度": (heavy_share, 500)}, AGENT_TASK_USD)
    print(f"重度限到 500 个任务：平均成本 {capped:.2f}，毛利率 {gross_margin(fee_usd, capped):.0%}")
