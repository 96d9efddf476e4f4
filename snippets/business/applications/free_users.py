"""免费用户的成本，摊到每个付费用户头上是多少？"""

from business.applications.heavy_users import AGENT_TASK_USD, fee_usd, segments
from business.inference.limits import fraction, non_negative

CHATGPT_WEEKLY_10K = 90_000  # 每周活跃用户，万
CHATGPT_PAYING_10K = 5_000  # 付费用户，万


def free_cost_per_paying_usd(free_cost_usd: float, conversion: float) -> float:
    """每个付费用户背的免费成本 = 一个免费用户的成本 × (1 − 转化率) ÷ 转化率。

    conversion 是付费用户占全部用户的比例，大于 0、不超过 1；成本按每月计（会计定义）。
    """
    non_negative(free_cost_usd=free_cost_usd)
    fraction(conversion=conversion)
    return free_cost_usd * (1 - conversion) / conversion


if __name__ == "__main__":
    chatgpt = CHATGPT_PAYING_10K / CHATGPT_WEEKLY_10K
    print(f"ChatGPT，2026 年 2 月：付费用户占每周活跃用户的 {chatgpt:.1%}", end="，")
    print(f"一个付费用户对应 {free_cost_per_paying_usd(1, chatgpt):.0f} 个免费用户")
    same = segments["轻度"][1] * AGENT_TASK_USD  # 假设：免费用户用得和轻度用户一样多
    small = same / 10  # 假设：免费用户只给价格 1/10 的小模型
    print(f"假设：月费 {fee_usd} 美元；免费用户每月 20 个任务，成本 {same:.2f} 或 {small:.3f} 美元")
    for conversion in (0.02, chatgpt):
        for model, cost in (("同样的模型", same), ("小模型", small)):
            carried = free_cost_per_paying_usd(cost, conversion)
            print(f"转化率 {conversion:.1%}，{model}：每个付费用户背 {carried:.2f} 美元", end="，")
            print(f"占月费 {carried / fee_usd:.0%}")
