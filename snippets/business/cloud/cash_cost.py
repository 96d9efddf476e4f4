"""一张卡开着机，每小时要付多少现金？电费占多少？"""

from business.inference.limits import non_negative

DGX_H100_KW = 10.2  # 整机最大功率，内有八张卡
COLOCATION_USD_PER_KW_MONTH = 184.06  # 小客户（250 到 500 kW）的报价均值


def electricity_usd_per_hour(kw: float, pue: float, usd_per_kwh: float) -> float:
    """电费（美元/小时）= 功率 × PUE × 电价。PUE 是机房总用电 ÷ 设备用电，不会小于一。"""
    non_negative(kw=kw, usd_per_kwh=usd_per_kwh)
    if not 1 <= pue < float("inf"):
        raise ValueError(f"pue 必须是不小于 1 的有限数，收到 {pue}")
    return kw * pue * usd_per_kwh


def colocation_usd_per_hour(kw: float, usd_per_kw_month: float) -> float:
    """机房租金（美元/小时）：按占用的千瓦数包月，一年 8,760 小时、十二个月。"""
    non_negative(kw=kw, usd_per_kw_month=usd_per_kw_month)
    return kw * usd_per_kw_month * 12 / 8_760


if __name__ == "__main__":
    kw = DGX_H100_KW / 8
    pue, usd_per_kwh, usd_per_kw_month, operations = 1.25, 0.08, 120, 0.16  # 以上四项是假设
    electricity = electricity_usd_per_hour(kw, pue, usd_per_kwh)
    colocation = colocation_usd_per_hour(kw, usd_per_kw_month)
    total = electricity + colocation + operations
    listed = total - colocation + colocation_usd_per_hour(kw, COLOCATION_USD_PER_KW_MONTH)
    print(f"假设：PUE {pue}，电价 {usd_per_kwh} 美元/kWh", end="，")
    print(f"机房 {usd_per_kw_month} 美元/kW·月，运维 {operations} 美元/小时")
    print(f"每张卡 {kw:.3f} kW（整机最大功率的八分之一）")
    print(f"电费 {electricity:.2f}，机房 {colocation:.2f}，运维 {operations:.2f} 美元/小时")
    print(f"现金成本 {total:.2f} 美元/小时，电费占 {electricity / total:.0%}")
    print(f"机房若按 {COLOCATION_USD_PER_KW_MONTH} 美元/kW·月，现金成本 {listed:.2f} 美元/小时")
