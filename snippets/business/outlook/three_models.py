"""三种盈利模式，各卖一个单位，赚多少？"""

H100_MEDIAN_USD_PER_HOUR = 2.95
EMBEDDING_USD_PER_MTOK = 0.02


def gross_margin(price_usd: float, cost_usd: float) -> float:
    """毛利率 = (价格 − 成本) ÷ 价格，不会超过一。"""
    if not 0 < price_usd < float("inf"):
        raise ValueError(f"price_usd 必须是有限的正数，收到 {price_usd}")
    if not 0 <= cost_usd < float("inf"):
        raise ValueError(f"cost_usd 必须是非负的有限数，收到 {cost_usd}")
    return (price_usd - cost_usd) / price_usd


def markup(price_usd: float, cost_usd: float) -> float:
    """加价率 = (价格 − 成本) ÷ 成本，没有上限。"""
    if not 0 < cost_usd < float("inf"):
        raise ValueError(f"cost_usd 必须是有限的正数，收到 {cost_usd}")
    if not 0 <= price_usd < float("inf"):
        raise ValueError(f"price_usd 必须是非负的有限数，收到 {price_usd}")
    return (price_usd - cost_usd) / cost_usd


if __name__ == "__main__":
    units = {  # 单位 → 价格、成本；成本来自本章前三页的推算，依赖那里的假设
        "云：一个 GPU 小时（利用率 0.8）": (H100_MEDIAN_USD_PER_HOUR, 2.052),
        "数据：一百万 token 的嵌入（利用率 0.5）": (EMBEDDING_USD_PER_MTOK, 0.00983),
        "应用：一个包月用户": (20, 8.184),
    }
    for unit, (price, cost) in units.items():
        print(f"{unit}：价格 {price} 美元，成本 {cost} 美元", end="，")
        print(f"毛利率 {gross_margin(price, cost):.0%}，加价率 {markup(price, cost):.0%}")
