"""标价和模型费算出的毛利率，扣掉没写进去的，还剩多少？"""

from business.applications.free_users import free_cost_per_paying_usd
from business.applications.heavy_users import (
    AGENT_TASK_USD,
    break_even_price_usd,
    fee_usd,
    mean_cost_usd,
    segments,
)
from business.inference.limits import non_negative
from business.inference.margin import gross_margin

discount, channel_fee = 0.20, 0.15  # 假设：年付打八折；应用商店或代理的抽成
conversion, other_usd = 0.05, 2.00  # 假设：转化率；客服、托管、支付


def realised_price_usd(list_usd: float, discount: float, channel_fee: float) -> float:
    """实收价 = 标价 × (1 − 折扣) × (1 − 渠道抽成)。两个比例都不小于 0、小于 1（会计定义）。"""
    non_negative(list_usd=list_usd, discount=discount, channel_fee=channel_fee)
    if discount >= 1 or channel_fee >= 1:
        raise ValueError(f"discount 和 channel_fee 必须小于 1，收到 {discount} 和 {channel_fee}")
    return list_usd * (1 - discount) * (1 - channel_fee)


model_usd = mean_cost_usd(segments, AGENT_TASK_USD)
free_usd = free_cost_per_paying_usd(segments["轻度"][1] * AGENT_TASK_USD / 10, conversion)
full_cost_usd = model_usd + free_usd + other_usd
realised_usd = realised_price_usd(fee_usd, discount, channel_fee)

if __name__ == "__main__":
    print(
        f"标价 {fee_usd}，模型费 {model_usd:.2f} 美元：毛利率 {gross_margin(fee_usd, model_usd):.0%}"
    )
    price = realised_price_usd(fee_usd, discount, 0)
    print(f"年付打八折，实收 {price:.2f}：毛利率 {gross_margin(price, model_usd):.0%}")
    margin = gross_margin(realised_usd, model_usd)
    print(f"渠道再抽 {channel_fee:.0%}，实收 {realised_usd:.2f}：毛利率 {margin:.0%}")
    margin = gross_margin(realised_usd, model_usd + free_usd)
    print(f"加上免费用户 {free_usd:.2f} 美元（转化率 {conversion:.0%}）：毛利率 {margin:.0%}")
    margin = gross_margin(realised_usd, full_cost_usd)
    print(f"加上客服、托管、支付 {other_usd:.2f} 美元：毛利率 {margin:.0%}")
    taken = 1 - realised_usd / fee_usd  # 标价里先被拿走的比例，和目标毛利率占同一个位置
    print(f"盈亏的标价：只算模型费 {break_even_price_usd(model_usd):.2f} 美元", end="，")
    print(f"全算上 {break_even_price_usd(full_cost_usd, taken):.2f} 美元")
