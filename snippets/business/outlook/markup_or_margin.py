"""DeepSeek 公布的 545% 是毛利率吗？"""

DEEPSEEK_DAILY_COST_USD = 87_072
DEEPSEEK_DAILY_REVENUE_USD = 562_027  # 全部 token 按 R1 标价计算的理论收入
DEEPSEEK_DAILY_BTOK = (342, 266, 168)  # 十亿 token：输入命中缓存、输入未命中、输出
DEEPSEEK_R1_USD_PER_MTOK = (0.14, 0.55, 2.19)
DEEPSEEK_V3_USD_PER_MTOK = (0.07, 0.27, 1.10)


def revenue_usd(billion_tokens: tuple, usd_per_mtok: tuple) -> float:
    """收入 = Σ token 数 × 单价。十亿 token 是一千个百万 token。"""
    for name, values in {"billion_tokens": billion_tokens, "usd_per_mtok": usd_per_mtok}.items():
        if not all(0 <= value < float("inf") for value in values):
            raise ValueError(f"{name} 必须是非负的有限数，收到 {values}")
    return sum(1_000 * n * price for n, price in zip(billion_tokens, usd_per_mtok, strict=True))


def markup(revenue: float, cost: float) -> float:
    """加价率 = (收入 − 成本) ÷ 成本，来源称为 cost profit margin。"""
    if not 0 < cost < float("inf"):
        raise ValueError(f"cost 必须是有限的正数，收到 {cost}")
    return (revenue - cost) / cost


def margin_from_markup(rate: float) -> float:
    """毛利率 = 加价率 ÷ (1 + 加价率)。加价率不会低于负一。"""
    if not -1 < rate < float("inf"):
        raise ValueError(f"rate 必须大于 -1，收到 {rate}")
    return rate / (1 + rate)


if __name__ == "__main__":
    cost, listed = DEEPSEEK_DAILY_COST_USD, DEEPSEEK_DAILY_REVENUE_USD
    rebuilt = revenue_usd(DEEPSEEK_DAILY_BTOK, DEEPSEEK_R1_USD_PER_MTOK)
    print(f"一天的成本 {cost:,} 美元，按 R1 标价的收入 {listed:,} 美元（复算 {rebuilt:,.0f}）")
    v3 = revenue_usd(DEEPSEEK_DAILY_BTOK, DEEPSEEK_V3_USD_PER_MTOK)
    print(f"全部按 V3 标价，收入 {v3:,.0f} 美元")
    for name, revenue in (("R1", listed), ("V3", v3)):
        rate = markup(revenue, cost)
        print(f"{name} 标价：加价率 {rate:.0%}，毛利率 {margin_from_markup(rate):.1%}")
    print(f"实收达到 R1 标价收入的 {cost / listed:.1%} 就不亏")
