"""买家：一年用几成时间，预留才比按需便宜？"""

from business.cloud.falling_rent import full_price_years
from business.inference.limits import fraction, non_negative, positive

HYPERSTACK_H100_USD_PER_HOUR = (2.50, 1.75, 2.00)  # 按需、预留（起价）、可抢占


def usd_per_used_hour(usd_per_hour: float, used_share: float) -> float:
    """付了钱的小时只有一部分有用，每个有用的小时 = 单价 ÷ 有用的占比。"""
    non_negative(usd_per_hour=usd_per_hour)
    fraction(used_share=used_share)
    return usd_per_hour / used_share


def break_even_share(
    reserved_usd_per_hour: float,
    on_demand_usd_per_hour: float,
    decline_per_year: float = 0.0,
    term_years: float = 1.0,
) -> float:
    """用到的时间超过这个占比，预留更便宜 = 预留价 ÷ 合同期内的平均按需价；大于 1 就别预留。

    预留价锁定不变，按需价每年跌 decline_per_year。
    """
    non_negative(reserved_usd_per_hour=reserved_usd_per_hour)
    positive(on_demand_usd_per_hour=on_demand_usd_per_hour, term_years=term_years)
    average_share = full_price_years(term_years, decline_per_year) / term_years
    return reserved_usd_per_hour / (on_demand_usd_per_hour * average_share)


if __name__ == "__main__":
    on_demand, reserved, _ = HYPERSTACK_H100_USD_PER_HOUR
    print(f"按需 {on_demand:.2f} 美元，预留 {reserved:.2f} 美元", end="：")
    print(f"用到 {break_even_share(reserved, on_demand):.0%} 以上，预留便宜")
    for share in (0.5, 0.9):
        cost = usd_per_used_hour(reserved, share)
        print(f"  只用 {share:.0%}：预留摊到每个用到的小时 {cost:.2f} 美元")
    print("假设按需价在合同期内继续跌，预留价锁定：")
    for term in (1, 3):
        for fall in (0.2, 0.5):
            share = break_even_share(reserved, on_demand, fall, term)
            print(f"  {term} 年合同，每年跌 {fall:.0%}：要用到 {share:.0%}")
