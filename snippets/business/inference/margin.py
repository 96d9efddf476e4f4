"""加价率和毛利率有什么不同，怎样互换？"""

from business.inference.limits import non_negative, positive


def gross_margin(price_usd: float, cost_usd: float) -> float:
    """毛利率 = (价格 − 成本) ÷ 价格：分母是价格，不会超过一，可以为负。"""
    positive(price_usd=price_usd)
    non_negative(cost_usd=cost_usd)
    return (price_usd - cost_usd) / price_usd


def markup(price_usd: float, cost_usd: float) -> float:
    """加价率 = (价格 − 成本) ÷ 成本：分母是成本，没有上限。又称 cost profit margin。"""
    non_negative(price_usd=price_usd)
    positive(cost_usd=cost_usd)
    return (price_usd - cost_usd) / cost_usd


def margin_from_markup(rate: float) -> float:
    """毛利率 = 加价率 ÷ (1 + 加价率)。价格为正，所以加价率大于负一。"""
    if not -1 < rate < float("inf"):
        raise ValueError(f"rate 必须是大于 -1 的有限数，收到 {rate}")
    return rate / (1 + rate)


def markup_from_margin(margin: float) -> float:
    """加价率 = 毛利率 ÷ (1 − 毛利率)。成本为正，所以毛利率小于一。"""
    if not float("-inf") < margin < 1:
        raise ValueError(f"margin 必须是小于 1 的有限数，收到 {margin}")
    return margin / (1 - margin)


if __name__ == "__main__":
    for margin in (0.2, 0.5, 0.8, 0.9):
        print(f"毛利率 {margin:.0%} 就是加价率 {markup_from_margin(margin):.0%}")
    print(f"加价率 545% 就是毛利率 {margin_from_markup(5.45):.1%}")
