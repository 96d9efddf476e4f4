"""价格每年降一点，成本每年降一点，毛利率几年归零？"""

from math import inf, log


def margin_after(margin: float, price_decline: float, cost_decline: float, years: float) -> float:
    """years 年后的毛利率 = 1 − (1 − 现在的毛利率) × ((1 − 成本年降幅) ÷ (1 − 价格年降幅))^years。

    降幅是小数；成本在涨就写负数，涨一半是 -0.5。
    """
    if not margin < 1:
        raise ValueError(f"margin 必须小于 1，收到 {margin}")
    for name, value in {"price_decline": price_decline, "cost_decline": cost_decline}.items():
        if not -inf < value < 1:
            raise ValueError(f"{name} 必须小于 1，收到 {value}")
    if not 0 <= years < inf:
        raise ValueError(f"years 必须是非负的有限数，收到 {years}")
    return 1 - (1 - margin) * ((1 - cost_decline) / (1 - price_decline)) ** years


def years_to_zero_margin(margin: float, price_decline: float, cost_decline: float) -> float:
    """毛利率降到零的年数；成本降得不比价格慢就不会归零，返回无穷大。"""
    margin_after(margin, price_decline, cost_decline, 0)  # 检查参数
    if margin <= 0:
        raise ValueError(f"margin 必须是有限的正数，收到 {margin}")
    ratio = (1 - cost_decline) / (1 - price_decline)
    return log(1 / (1 - margin)) / log(ratio) if ratio > 1 else inf


if __name__ == "__main__":
    cases = {  # 以下全是假设：现在的毛利率、价格年降幅、单位成本年降幅
        "云：卡已买下，成本不变": (0.30, 0.20, 0.0),
        "接口：换新卡、改进软件": (0.85, 0.50, 0.30),
        "应用：月费不变，用量涨得比 token 降价快": (0.60, 0.0, -0.50),
        "应用：月费不变，token 降价比用量涨得快": (0.60, 0.0, 0.25),
    }
    for name, (margin, price, cost) in cases.items():
        years = years_to_zero_margin(margin, price, cost)
        ending = f"{years:.1f} 年归零" if years < inf else "不会归零"
        trend = f"年降 {cost:.0%}" if cost >= 0 else f"年涨 {-cost:.0%}"
        print(f"{name}\n  毛利率 {margin:.0%}，价格年降 {price:.0%}，成本{trend}", end="：")
        print(f"两年后 {margin_after(margin, price, cost, 2):.0%}，{ending}")
