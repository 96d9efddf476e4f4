"""按市价卖，几年回本？利用率低到多少就亏？"""

from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from business.inference.limits import fraction, non_negative, positive
from business.inference.margin import gross_margin

H100_MEDIAN_USD_PER_HOUR = 2.95  # 各家按需价的中位数


def payback_years(
    capex_usd: float, price_usd_per_hour: float, utilisation: float, cash_usd_per_hour: float
) -> float:
    """回本年数 = 买价 ÷ (售价 × 利用率 − 现金成本) ÷ 8760。收不抵支时返回无穷大。"""
    non_negative(capex_usd=capex_usd, price_usd_per_hour=price_usd_per_hour)
    non_negative(cash_usd_per_hour=cash_usd_per_hour)
    fraction(utilisation=utilisation)
    net_usd_per_hour = price_usd_per_hour * utilisation - cash_usd_per_hour
    return capex_usd / net_usd_per_hour / 8_760 if net_usd_per_hour > 0 else float("inf")


def break_even_utilisation(
    capex_usd: float,
    price_usd_per_hour: float,
    life_years: float,
    cash_usd_per_hour: float,
    residual: float = 0.0,
    interest_rate: float = 0.0,
) -> float:
    """盈亏利用率 = 每个拥有的小时的成本（利用率为一） ÷ 售价；大于 1 表示开满也亏。"""
    positive(price_usd_per_hour=price_usd_per_hour)
    owned_usd_per_hour = cost_usd_per_gpu_hour(
        capex_usd, life_years, cash_usd_per_hour, 1.0, residual, interest_rate
    )
    return owned_usd_per_hour / price_usd_per_hour


if __name__ == "__main__":
    capex, cash = 50_000, 0.50  # 假设，与上一段代码相同
    for price, used in ((3.00, 0.8), (3.00, 0.6), (2.00, 0.8)):
        years = payback_years(capex, price, used, cash)
        print(f"售价 {price:.2f} 美元/小时，利用率 {used}：{years:.1f} 年回本")
    for price in (H100_MEDIAN_USD_PER_HOUR, 2.00):
        floor = break_even_utilisation(capex, price, 5, cash)
        print(f"5 年寿命，售价 {price:.2f} 美元/小时：利用率低于 {floor:.1%} 就亏")
    used = 0.8
    cost = cost_usd_per_gpu_hour(capex, 5, cash, used)
    margin = gross_margin(H100_MEDIAN_USD_PER_HOUR, cost)
    print(f"利用率 {used}、售价 {H100_MEDIAN_USD_PER_HOUR} 美元/小时：毛利率 {margin:.1%}")
