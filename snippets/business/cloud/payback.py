"""按市价卖，几年回本？利用率低到多少就亏？"""

H100_MEDIAN_USD_PER_HOUR = 2.95  # 各家按需价的中位数
hours_per_year = 8_760


def check(**amounts: float) -> None:
    for name, value in amounts.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} 必须是非负的有限数，收到 {value}")


def payback_years(
    capex_usd: float, price_usd_per_hour: float, utilisation: float, cash_usd_per_hour: float
) -> float:
    """回本年数 = 买价 ÷ (售价 × 利用率 − 现金成本) ÷ 8760。收不抵支时返回无穷大。"""
    check(capex_usd=capex_usd, price_usd_per_hour=price_usd_per_hour)
    check(cash_usd_per_hour=cash_usd_per_hour)
    if not 0 < utilisation <= 1:
        raise ValueError(f"utilisation 必须大于 0 且不超过 1，收到 {utilisation}")
    net_usd_per_hour = price_usd_per_hour * utilisation - cash_usd_per_hour
    return capex_usd / net_usd_per_hour / hours_per_year if net_usd_per_hour > 0 else float("inf")


def break_even_utilisation(
    capex_usd: float, price_usd_per_hour: float, life_years: float, cash_usd_per_hour: float
) -> float:
    """收入恰好盖住折旧和现金成本的利用率；大于 1 表示开满也亏。"""
    check(capex_usd=capex_usd, cash_usd_per_hour=cash_usd_per_hour)
    for name, value in {"price_usd_per_hour": price_usd_per_hour, "life_years": life_years}.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} 必须是有限的正数，收到 {value}")
    return (capex_usd / life_years / hours_per_year + cash_usd_per_hour) / price_usd_per_hour


if __name__ == "__main__":
    capex, cash = 50_000, 0.50  # 假设，与上一段代码相同
    for price, used in ((3.00, 0.8), (3.00, 0.6), (2.00, 0.8)):
        years = payback_years(capex, price, used, cash)
        print(f"售价 {price:.2f} 美元/小时，利用率 {used}：{years:.1f} 年回本")
    for price in (H100_MEDIAN_USD_PER_HOUR, 2.00):
        floor = break_even_utilisation(capex, price, 5, cash)
        print(f"5 年寿命，售价 {price:.2f} 美元/小时：利用率低于 {floor:.1%} 就亏")
    used = 0.8
    margin = 1 - break_even_utilisation(capex, H100_MEDIAN_USD_PER_HOUR, 5, cash) / used
    print(f"利用率 {used}、售价 {H100_MEDIAN_USD_PER_HOUR} 美元/小时：毛利率 {margin:.1%}")
