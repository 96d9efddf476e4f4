"""卖家：一个拥有的小时，三种卖法各收多少，按需要卖出几成才比得上预留？"""

from business.cloud.reserved import break_even_share
from business.inference.limits import non_negative

HYPERSTACK_H100_USD_PER_HOUR = (2.50, 1.75, 2.00)  # 按需、预留（起价）、可抢占


def revenue_usd_per_owned_hour(
    reserved_share: float,
    reserved_usd_per_hour: float,
    on_demand_sold: float,
    on_demand_usd_per_hour: float,
    spot_fill: float = 0.0,
    spot_usd_per_hour: float = 0.0,
) -> float:
    """每个拥有的小时的期望收入：先扣出预留，余下按需卖掉几成，再有几成空闲卖成可抢占。"""
    non_negative(reserved_share=reserved_share, on_demand_sold=on_demand_sold, spot_fill=spot_fill)
    non_negative(reserved_usd_per_hour=reserved_usd_per_hour, spot_usd_per_hour=spot_usd_per_hour)
    non_negative(on_demand_usd_per_hour=on_demand_usd_per_hour)
    if max(reserved_share, on_demand_sold, spot_fill) > 1:
        raise ValueError(
            f"reserved_share、on_demand_sold、spot_fill 不能大于 1，收到 {reserved_share}、{on_demand_sold}、{spot_fill}"
        )
    idle_usd = (1 - on_demand_sold) * spot_fill * spot_usd_per_hour
    open_usd = on_demand_sold * on_demand_usd_per_hour + idle_usd
    return reserved_share * reserved_usd_per_hour + (1 - reserved_share) * open_usd


def on_demand_sold_to_match(
    reserved_usd_per_hour: float,
    on_demand_usd_per_hour: float,
    spot_fill: float = 0.0,
    spot_usd_per_hour: float = 0.0,
) -> float:
    """按需（加可抢占）要卖出几成，才和全部预留收得一样多；大于 1 是永远赶不上。"""
    non_negative(reserved_usd_per_hour=reserved_usd_per_hour, spot_usd_per_hour=spot_usd_per_hour)
    non_negative(spot_fill=spot_fill, on_demand_usd_per_hour=on_demand_usd_per_hour)
    if spot_fill > 1:
        raise ValueError(f"spot_fill 必须在 0 到 1 之间，收到 {spot_fill}")
    idle_usd = spot_fill * spot_usd_per_hour
    if on_demand_usd_per_hour <= idle_usd:
        raise ValueError(
            f"on_demand_usd_per_hour 必须大于 {idle_usd}，收到 {on_demand_usd_per_hour}"
        )
    extra_usd = max(0.0, reserved_usd_per_hour - idle_usd)
    return break_even_share(extra_usd, on_demand_usd_per_hour - idle_usd)


if __name__ == "__main__":
    on_demand, reserved, spot = HYPERSTACK_H100_USD_PER_HOUR
    print(f"全部预留：每个拥有的小时 {reserved:.2f} 美元，不看运气")
    for sold in (0.8, 0.5):
        alone = revenue_usd_per_owned_hour(0, 0, sold, on_demand)
        filled = revenue_usd_per_owned_hour(0, 0, sold, on_demand, 0.5, spot)
        print(f"按需卖出 {sold:.0%}：{alone:.2f} 美元；空闲的一半卖成可抢占：{filled:.2f} 美元")
    print(f"只卖按需，要卖出 {on_demand_sold_to_match(reserved, on_demand):.0%} 才赶上预留", end="")
    print(f"；加上可抢占，{on_demand_sold_to_match(reserved, on_demand, 0.5, spot):.0%} 就够")
    mixed = revenue_usd_per_owned_hour(0.6, reserved, 0.8, on_demand, 0.5, spot)
    print(f"60% 预留，其余按需卖出 80%、空闲的一半卖成可抢占：{mixed:.2f} 美元")
