"""价格一年降一半，DeepSeek 那一天的毛利率几年归零？"""

from math import isinf

from business.inference.daily_account import (
    DEEPSEEK_AVERAGE_NODES,
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_GPU_USD_PER_HOUR,
    DEEPSEEK_R1_USD_PER_MTOK,
    gpu_cost_usd,
    revenue_usd,
)
from business.inference.margin import gross_margin
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK
from business.outlook.price_decline import margin_after, years_to_zero_margin

if __name__ == "__main__":
    cost = gpu_cost_usd(DEEPSEEK_AVERAGE_NODES, 8, DEEPSEEK_GPU_USD_PER_HOUR, 24)
    mtok = [1_000 * n for n in DEEPSEEK_DAILY_BTOK]
    print("价格每年降 50%")
    for name, prices in (("R1", DEEPSEEK_R1_USD_PER_MTOK), ("V3", DEEPSEEK_V3_USD_PER_MTOK)):
        margin = gross_margin(revenue_usd(*mtok, *prices), cost)
        for cost_decline in (0.0, 0.3, 0.5):  # 假设：每个 token 的成本一年降多少
            years = years_to_zero_margin(margin, 0.5, cost_decline)
            print(f"{name} 标价 {margin:.1%}，成本年降 {cost_decline:.0%}", end="：")
            print(f"一年后 {margin_after(margin, 0.5, cost_decline, 1):.1%}", end="，")
            print("不会归零" if isinf(years) else f"{years:.1f} 年归零")
