"""同一批用户，包月、按量、含额度超出另付，收入和毛利差多少？"""

from business.applications.heavy_users import AGENT_TASK_USD, fee_usd, mean_cost_usd, segments
from business.inference.limits import non_negative
from business.inference.margin import gross_margin


def monthly_bill_usd(
    tasks: float, fee_usd: float, included_tasks: float, usd_per_extra_task: float
) -> float:
    """一个用户的月账单（美元）= 月费 + 超出额度的任务数 × 单价（两部收费，会计定义）。

    单价为零就是包月；月费和额度都为零就是按量。
    """
    non_negative(tasks=tasks, fee_usd=fee_usd)
    non_negative(included_tasks=included_tasks, usd_per_extra_task=usd_per_extra_task)
    return fee_usd + max(0, tasks - included_tasks) * usd_per_extra_task


mean_tasks = mean_cost_usd(segments, 1)  # 每个任务算 1，平均成本就是平均任务数
plans = {  # 假设：月费、额度、超出的单价；按量的单价取得让总收入与包月相同
    "包月": (fee_usd, 0, 0),
    "按量": (0, 0, fee_usd / mean_tasks),
    "含额度": (fee_usd, 500, 0.03),
}


def account_usd(segments: dict, plan: tuple, users: int = 100) -> tuple[float, float]:
    """一百个用户一个月的收入和成本。"""
    revenue = sum(share * monthly_bill_usd(tasks, *plan) for share, tasks in segments.values())
    cost = sum(share * tasks * AGENT_TASK_USD for share, tasks in segments.values())
    return users * revenue, users * cost


if __name__ == "__main__":
    (_, _, metered), (_, included, extra) = plans["按量"], plans["含额度"]
    print(f"假设：用量不随计费方式变，每人平均 {mean_tasks:.0f} 个任务")
    print(f"按量：每个任务 {metered:.4f} 美元", end="；")
    print(f"含额度：月费 {fee_usd} 美元含 {included} 个，超出每个 {extra} 美元")
    doubled = segments | {"重度": (0.1, 6_000)}
    gone = {name: segments[name] for name in ("轻度", "中度")}
    for name, plan in plans.items():
        revenue, cost = account_usd(segments, plan)
        print(f"{name}，100 个用户：收入 {revenue:,.0f} 美元，成本 {cost:,.0f}", end="，")
        print(f"毛利率 {gross_margin(revenue, cost):.0%}")
        for segment, (_, tasks) in segments.items():
            bill = monthly_bill_usd(tasks, *plan)
            margin = gross_margin(bill, tasks * AGENT_TASK_USD)
            print(f"  {segment}用户付 {bill:.2f} 美元，毛利率 {margin:.0%}")
        before = revenue - cost
        for change, users in (("用量加倍", doubled), ("全部离开", gone)):
            new_revenue, new_cost = account_usd(users, plan)
            after = new_revenue - new_cost
            print(f"  重度用户{change}：毛利 {before:,.0f} → {after:,.0f} 美元", end="，")
            print(f"{after / before - 1:+.0%}")
