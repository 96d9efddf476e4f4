"""夜里空出来的节点值多少钱，算在谁头上？"""

from business.inference.daily_account import (
    DEEPSEEK_AVERAGE_NODES,
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_DAILY_REVENUE_USD,
    DEEPSEEK_GPU_USD_PER_HOUR,
    gpu_cost_usd,
)
from business.inference.margin import gross_margin, markup
from infrastructure.scheduling.night_nodes import DEEPSEEK_PEAK_NODES, freed_node_hours

if __name__ == "__main__":
    freed = freed_node_hours(DEEPSEEK_PEAK_NODES, DEEPSEEK_AVERAGE_NODES)
    price = DEEPSEEK_GPU_USD_PER_HOUR
    value = gpu_cost_usd(1, 8, price, freed)
    print(f"每天空出 {freed:,.0f} 个节点小时，按租价值 {value:,.0f} 美元", end="，")
    print(f"一年 {value * 365 / 1e4:.0f} 万美元")
    mtok, revenue = 1_000 * sum(DEEPSEEK_DAILY_BTOK), DEEPSEEK_DAILY_REVENUE_USD
    shared = gpu_cost_usd(DEEPSEEK_AVERAGE_NODES, 8, price, 24)
    for name, cost in (("夜里让给训练", shared), ("整天留着 278 个节点", shared + value)):
        print(f"{name}：一天 {cost:,.0f} 美元，每百万 token {cost / mtok:.3f} 美元")
        print(f"  加价率 {markup(revenue, cost):.0%}，毛利率 {gross_margin(revenue, cost):.1%}")
    print(f"不让出去，每个 token 的成本涨 {value / shared:.1%}")
