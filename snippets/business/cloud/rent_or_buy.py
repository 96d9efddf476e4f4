"""自己买卡还是租：一年要用多少小时，买才划算？"""

from business.cloud.falling_rent import full_price_years
from business.cloud.lifetime import lifetime_cash_usd
from business.inference.limits import positive

H100_MEDIAN_USD_PER_HOUR = 2.95


def break_even_hours_per_year(
    capex_usd: float,
    rent_usd_per_hour: float,
    life_years: float,
    cash_usd_per_hour: float,
    decline_per_year: float = 0.0,
    discount_rate: float = 0.0,
    residual: float = 0.0,
) -> float:
    """买和租的现值相等时每年用的小时数；超过 8760 就是怎样用都不如租。

    买：买价 − 残值的现值 + 全年现金成本的现值；租：只付用到的小时，租价每年跌。净现值法。
    """
    positive(rent_usd_per_hour=rent_usd_per_hour, life_years=life_years)
    own_usd = -lifetime_cash_usd(  # 一生不收租金的净现值，取负就是自己买的总花费
        capex_usd, 0.0, 0.0, life_years, cash_usd_per_hour, 1.0, residual, discount_rate
    )
    rent_years = full_price_years(life_years, decline_per_year, discount_rate)
    return own_usd / (rent_usd_per_hour * rent_years)


if __name__ == "__main__":
    capex, life, cash = 50_000, 5, 0.50  # 假设，与前几段代码相同
    print(f"五年，租价从 {H100_MEDIAN_USD_PER_HOUR} 美元起；利率、跌幅、残值是假设")
    for rate, fall, residual in (
        (0.0, 0.0, 0.0),
        (0.10, 0.0, 0.0),
        (0.10, 0.1, 0.0),
        (0.10, 0.1, 0.2),
        (0.10, 0.2, 0.0),
    ):
        terms = (capex, H100_MEDIAN_USD_PER_HOUR, life, cash, fall, rate, residual)
        hours = break_even_hours_per_year(*terms)
        verdict = f"用到 {hours / 8_760:.0%} 以上就买" if hours <= 8_760 else "怎样用都不如租"
        print(f"年利率 {rate:.0%}，租价每年跌 {fall:.0%}，残值 {residual:.0%}", end="：")
        print(f"每年 {hours:,.0f} 小时，{verdict}")
