"""租价一年跌几成？照这样跌，五年的租金相当于头几年的？"""

from math import expm1, log

from business.inference.limits import non_negative, positive

H100_EARLY_2024_USD_PER_HOUR = 7  # 2024 年初，来源说“高于”
H100_MEDIAN_USD_PER_HOUR = 2.95  # 2026 年 5 月


def decline_per_year(start_usd: float, end_usd: float, years: float) -> float:
    """年降幅 = 1 − (末价 ÷ 初价)^(1/年数)；涨价时为负。"""
    positive(start_usd=start_usd, end_usd=end_usd, years=years)
    return 1 - (end_usd / start_usd) ** (1 / years)


def full_price_years(years: float, decline: float = 0.0, discount_rate: float = 0.0) -> float:
    """价格连续下降、未来的钱打折时，years 年相当于几年的头年价：(1 − q^L) ÷ (−ln q)。

    q = (1 − 年降幅) ÷ (1 + 年折现率)，是 q^t 从 0 到 L 的积分（连续年金公式）；q 为一时就是 L。
    """
    non_negative(years=years, decline=decline, discount_rate=discount_rate)
    if decline >= 1:
        raise ValueError(f"decline 必须不小于 0 且小于 1，收到 {decline}")
    ratio = (1 - decline) / (1 + discount_rate)
    if ratio == 1:
        return years
    return expm1(years * log(ratio)) / log(ratio)  # expm1(x) 是 e^x − 1，q 接近一时不丢精度


if __name__ == "__main__":
    years = 2 + 4 / 12  # 2024 年 1 月到 2026 年 5 月；“年初”取最早的一个月，跌幅取小
    fall = decline_per_year(H100_EARLY_2024_USD_PER_HOUR, H100_MEDIAN_USD_PER_HOUR, years)
    print(f"H100 按需标价：从 {H100_EARLY_2024_USD_PER_HOUR} 美元以上到", end=" ")
    print(f"{H100_MEDIAN_USD_PER_HOUR} 美元，每年至少跌 {fall:.0%}")
    for decline in (0.1, 0.2, 0.5):
        print(f"每年跌 {decline:.0%}：五年的租金相当于头年价的", end=" ")
        print(f"{full_price_years(5, decline):.1f} 年")
