"""token 价格减半，四本账各变成什么样？"""

from business.inference.daily_account import (
    DEEPSEEK_AVERAGE_NODES,
    DEEPSEEK_DAILY_REVENUE_USD,
    gpu_cost_usd,
)
from business.inference.limits import non_negative, positive
from business.inference.margin import gross_margin
from business.outlook.three_models import units


def rent_ceiling_usd_per_hour(revenue_usd: float, gpu_hours: float) -> float:
    """客户付得起的最高租价 = 卖 token 的收入 ÷ 用掉的卡时；租价再高就亏（由毛利率为零推出）。"""
    non_negative(revenue_usd=revenue_usd)
    positive(gpu_hours=gpu_hours)
    return revenue_usd / gpu_hours


if __name__ == "__main__":
    print("假设用量和吞吐都不变，token 价格减半：")
    sellers = {"接口": "接口（上游）：百万 token", "嵌入": "数据：百万 token 的嵌入"}
    for name, unit in sellers.items():  # 价格就是 token 价格
        price, cost = units[unit]
        before, after = gross_margin(price, cost), gross_margin(price / 2, cost)
        print(f"{name}：收入减半，毛利率 {before:.0%} → {after:.0%}")
    price, cost = units["应用：一个包月用户"]  # 成本就是 token 的钱
    before, after = gross_margin(price, cost), gross_margin(price, cost / 2)
    print(f"应用：成本减半，毛利率 {before:.0%} → {after:.0%}")
    price, cost = units["云：一个 GPU 小时"]
    for fall in (0, 0.25, 0.50):
        margin = gross_margin(price * (1 - fall), cost)
        print(f"云：假设租价跟着跌 {fall:.0%}，毛利率 {margin:.0%}")
    gpu_hours = gpu_cost_usd(DEEPSEEK_AVERAGE_NODES, 8, 1, 24)  # 每卡时一美元，美元数就是卡时数
    for halvings in range(4):
        ceiling = rent_ceiling_usd_per_hour(DEEPSEEK_DAILY_REVENUE_USD / 2**halvings, gpu_hours)
        print(f"R1 标价减半 {halvings} 次：客户最多付得起 {ceiling:.2f} 美元/GPU 小时")
