"""租价一年年往下走，一张卡一生能赚多少？每年跌几成就白干？"""

from business.cloud.falling_rent import full_price_years
from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from business.inference.limits import fraction, non_negative, positive
from business.inference.margin import gross_margin

H100_MEDIAN_USD_PER_HOUR = 2.95


def lifetime_cash_usd(
    capex_usd: float,
    price_usd_per_hour: float,
    decline_per_year: float,
    life_years: float,
    cash_usd_per_hour: float,
    utilisation: float,
    residual: float = 0.0,
    discount_rate: float = 0.0,
) -> float:
    """一生的净现金（美元）= 租金 − 现金成本 + 残值 − 买价；discount_rate 大于零时是净现值。"""
    non_negative(capex_usd=capex_usd, price_usd_per_hour=price_usd_per_hour, residual=residual)
    non_negative(cash_usd_per_hour=cash_usd_per_hour)
    fraction(utilisation=utilisation)
    if residual > 1:
        raise ValueError(f"residual 必须在 0 到 1 之间，收到 {residual}")
    rent_years = full_price_years(life_years, decline_per_year, discount_rate)
    rent_usd = 8_760 * price_usd_per_hour * utilisation * rent_years
    cash_usd = 8_760 * cash_usd_per_hour * full_price_years(life_years, 0.0, discount_rate)
    resale_usd = capex_usd * residual / (1 + discount_rate) ** life_years
    return rent_usd - cash_usd + resale_usd - capex_usd


def lifetime_margin(
    capex_usd: float,
    price_usd_per_hour: float,
    decline_per_year: float,
    life_years: float,
    cash_usd_per_hour: float,
    utilisation: float,
) -> float:
    """一生的毛利率：拿一生的平均租价，比每个售出小时的成本；不折现，无残值。"""
    positive(price_usd_per_hour=price_usd_per_hour)
    cost_usd = cost_usd_per_gpu_hour(capex_usd, life_years, cash_usd_per_hour, utilisation)
    average_usd = price_usd_per_hour * full_price_years(life_years, decline_per_year) / life_years
    return gross_margin(average_usd, cost_usd)


if __name__ == "__main__":
    capex, cash, used, life = 50_000, 0.50, 0.8, 5  # 假设，与前几段代码相同
    print(f"假设：{life} 年，利用率 {used}，头年租价 {H100_MEDIAN_USD_PER_HOUR} 美元，折现率 10%")
    cards = [(capex, H100_MEDIAN_USD_PER_HOUR, p / 100, life, cash, used) for p in range(100)]
    for card in (cards[0], cards[10], cards[20], cards[50]):
        earned, worth = lifetime_cash_usd(*card), lifetime_cash_usd(*card, discount_rate=0.10)
        print(f"租价每年跌 {card[2]:.0%}：毛利率 {lifetime_margin(*card):.0%}", end="，")
        print(f"每张卡净现金 {earned:,.0f}，净现值 {worth:,.0f} 美元")
    for name, rate in (("净现金", 0.0), ("净现值", 0.10)):
        loss = next(card for card in cards if lifetime_cash_usd(*card, discount_rate=rate) < 0)
        print(f"租价每年跌到 {loss[2]:.0%}，{name}就是负的")
