"""价格每年降一点，成本每年降一点，毛利率几年归零？"""

from math import inf, log

from business.inference.limits import non_negative


def margin_after(margin: float, price_decline: float, cost_decline: float, years: float) -> float:
    """years 年后的毛利率 = 1 − (1 − 现在的毛利率) × ((1 − 成本年降幅) ÷ (1 − 价格年降幅))^years。

    由毛利率的定义推出。降幅是小数；在涨就写负数，涨一半是 -0.5。
    """
    if not -inf < margin < 1:
        raise ValueError(f"margin 必须是小于 1 的有限数，收到 {margin}")
    if not -inf < price_decline < 1:
        raise ValueError(f"price_decline 必须是小于 1 的有限数，收到 {price_decline}")
    if not -inf < cost_decline < 1:
        raise ValueError(f"cost_decline 必须是小于 1 的有限数，收到 {cost_decline}")
    non_negative(years=years)
    return 1 - (1 - margin) * ((1 - cost_decline) / (1 - price_decline)) ** years


def years_to_zero_margin(margin: float, price_decline: float, cost_decline: float) -> float:
    """毛利率降到零的年数 = −ln(1 − 毛利率) ÷ ln(每年成本与价格之比的倍数)；不会归零时是无穷大。"""
    margin_after(margin, price_decline, cost_decline, 0)  # 检查参数
    if margin <= 0:
        raise ValueError(f"margin 必须是有限的正数，收到 {margin}")
    ratio = (1 - cost_decline) / (1 - price_decline)
    return -log(1 - margin) / log(ratio) if ratio > 1 else inf


def cost_decline(token_price_decline: float, usage_growth: float) -> float:
    """应用的成本年降幅 = 1 − (1 − token 年降幅) × (1 + 用量年增幅)；为负就是在涨。"""
    if not -inf < token_price_decline < 1:
        raise ValueError(f"token_price_decline 必须是小于 1 的有限数，收到 {token_price_decline}")
    if not -1 < usage_growth < inf:
        raise ValueError(f"usage_growth 必须是大于 -1 的有限数，收到 {usage_growth}")
    return 1 - (1 - token_price_decline) * (1 + usage_growth)


# 以下全是假设：现在的毛利率、价格年降幅、单位成本年降幅；应用的成本由 token 年降一半推出
cases = {
    "云：卡已买下，成本不变": (0.30, 0.20, 0.0),
    "接口：换新卡、改进软件": (0.85, 0.50, 0.30),
    "应用：月费不变，用量每年涨到 3 倍": (0.60, 0.0, cost_decline(0.50, 2.0)),
    "应用：月费不变，用量每年涨到 1.5 倍": (0.60, 0.0, cost_decline(0.50, 0.5)),
}

if __name__ == "__main__":
    for name, (margin, price, cost) in cases.items():
        years = years_to_zero_margin(margin, price, cost)
        ending = f"{years:.1f} 年归零" if years < inf else "不会归零"
        trend = f"年降 {cost:.0%}" if cost >= 0 else f"年涨 {-cost:.0%}"
        print(f"{name}\n  毛利率 {margin:.0%}，价格年降 {price:.0%}，成本{trend}", end="：")
        print(f"两年后 {margin_after(margin, price, cost, 2):.0%}，{ending}")
