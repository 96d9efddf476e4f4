"""卖家：一个拥有的小时，预留、按需、可抢占各收多少？"""

from business.inference.limits import non_negative, share

HYPERSTACK_H100_USD_PER_HOUR = (2.50, 1.75, 2.00)  # 按需、预留（起价）、可抢占


def revenue_usd_per_owned_hour(
    on_demand_sold: float,
    on_demand_usd_per_hour: float,
    spot_fill: float = 0.0,
    spot_usd_per_hour: float = 0.0,
) -> float:
    """每个拥有的小时的期望收入（美元）：按需卖出几成，空闲里再有几成（spot_fill）卖成可抢占。"""
    share(on_demand_sold=on_demand_sold, spot_fill=spot_fill)
    non_negative(on_demand_usd_per_hour=on_demand_usd_per_hour, spot_usd_per_hour=spot_usd_per_hour)
    idle = 1 - on_demand_sold
    return on_demand_sold * on_demand_usd_per_hour + idle * spot_fill * spot_usd_per_hour


if __name__ == "__main__":
    on_demand, reserved, spot = HYPERSTACK_H100_USD_PER_HOUR
    print(f"预留：每个拥有的小时 {reserved:.2f} 美元，用不用都付")
    print("按需；假设空闲的一半另卖成可抢占：")
    for sold in (0.8, 0.7, 0.5):
        alone = revenue_usd_per_owned_hour(sold, on_demand)
        filled = revenue_usd_per_owned_hour(sold, on_demand, 0.5, spot)
        print(f"  按需卖出 {sold:.0%}：{alone:.2f} 美元，加上可抢占 {filled:.2f} 美元")
