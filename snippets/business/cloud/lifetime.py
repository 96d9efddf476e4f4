"""租价一年年往下走，一张卡一生能赚多少？每年跌几成就白干？"""

from business.cloud.falling_rent import full_price_years
from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from business.inference.limits import fraction, non_negative, share
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
    non_negative(capex_usd=capex_usd, price_usd_per_hour=price_usd_per_hour)
    non_negative(cash_usd_per_hour=cash_usd_per_hour)
    fraction(utilisation=utilisation)
    share(residual=residual)
    rent_years = full_price_years(life_years, decline_per_year, discount_rate)
    rent_usd = 8_760 * price_usd_per_hour * utilisation * rent_years
    cash_usd = 8_760 * cash_usd_per_hour * full_price_years(life_years, 0.0, discount_rate)
    resale_usd = capex_usd * residual / (1 + discount_rate) ** life_years
    return rent_usd - cash_usd + resale_usd - capex_usd


if __name__ == "__main__":
    capex, cash, used, life, rate = 50_000, 0.50, 0.8, 5, 0.10  # 假设，折现率以外与前几段相同
    price = H100_MEDIAN_USD_PER_HOUR
    print(f"假设：{life} 年，利用率 {used}，头年租价 {price} 美元，折现率 {rate:.0%}")
    cost = cost_usd_per_gpu_hour(capex, life, cash, used)
    for fall in (0.0, 0.09, 0.10, 0.15, 0.20, 0.50):
        margin = gross_margin(price * full_price_years(life, fall) / life, cost)
        earned = lifetime_cash_usd(capex, price, fall, life, cash, used)
        worth = lifetime_cash_usd(capex, price, fall, life, cash, used, discount_rate=rate)
        print(f"租价每年跌 {fall:.0%}：一生的毛利率 {margin:.0%}", end="，")
        print(f"每张卡净现金 {earned:,.0f}，净现值 {worth:,.0f} 美元")
