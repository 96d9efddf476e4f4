"""月费不变，用量翻倍会怎样，token 每年降价 50% 呢？"""

from business.applications.heavy_users import AGENT_TASK_USD, fee_usd, mean_cost_usd, segments
from business.inference.margin import gross_margin
from business.outlook.price_decline import cost_decline, margin_after, years_to_zero_margin

if __name__ == "__main__":
    cost = mean_cost_usd(segments, AGENT_TASK_USD)
    now = gross_margin(fee_usd, cost)
    print(f"现在：月费 {fee_usd} 美元，平均成本 {cost:.2f} 美元，毛利率 {now:.0%}")
    print(f"用量马上翻倍，价格不变：毛利率 {gross_margin(fee_usd, 2 * cost):.0%}")
    print(f"token 马上降价 50%，用量不变：毛利率 {gross_margin(fee_usd, cost / 2):.0%}")
    falling = 0.50
    print(f"假设 token 每年降价 {falling:.0%}，两年后的毛利率：")
    for growth in (0.5, 1.0, 2.0):
        for fee_decline in (0.0, 0.20):
            decline = cost_decline(falling, growth)
            later = margin_after(now, fee_decline, decline, 2)
            years = years_to_zero_margin(now, fee_decline, decline)
            ending = f"{years:.1f} 年归零" if years < float("inf") else "不会归零"
            print(f"  用量年增 {growth:.0%}，月费年降 {fee_decline:.0%}：{later:.0%}，{ending}")
