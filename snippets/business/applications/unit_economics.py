"""一个客户一辈子值多少钱，多久赚回获客成本？毛利率变了呢？"""

from business.applications.realised_margin import fee_usd, full_cost_usd, model_usd, realised_usd
from business.inference.limits import fraction, positive
from business.inference.margin import gross_margin as margin_of

CFO_HANDBOOK_EXAMPLE = (2750, 85, 4.0)  # 年合同额（美元）、毛利率（%）、客户寿命（年）


def ltv_usd(arpa_usd_per_month: float, gross_margin: float, monthly_churn: float) -> float:
    """客户终身价值（美元）= 每月收入 × 毛利率 ÷ 月流失率（CFO Handbook 第 14 页）。

    平均寿命是流失率的倒数；没有折现，也假设毛利率和流失率不变。
    """
    positive(arpa_usd_per_month=arpa_usd_per_month)
    fraction(monthly_churn=monthly_churn)
    if not float("-inf") < gross_margin <= 1:
        raise ValueError(f"gross_margin 必须是不大于 1 的有限数，收到 {gross_margin}")
    return arpa_usd_per_month * gross_margin / monthly_churn


def cac_payback_months(cac_usd: float, arpa_usd_per_month: float, gross_margin: float) -> float:
    """获客成本回收期 = 获客成本 ÷ (每月收入 × 毛利率)。毛利率不为正时收不回，返回无穷大。"""
    positive(cac_usd=cac_usd, arpa_usd_per_month=arpa_usd_per_month)
    if not float("-inf") < gross_margin <= 1:
        raise ValueError(f"gross_margin 必须是不大于 1 的有限数，收到 {gross_margin}")
    if gross_margin <= 0:
        return float("inf")
    return cac_usd / (arpa_usd_per_month * gross_margin)


if __name__ == "__main__":
    acv, margin_percent, life_years = CFO_HANDBOOK_EXAMPLE
    arpa, churn, cac = acv / 12, 1 / (12 * life_years), 3_000  # 最后一个是假设
    print(f"每月收入 {arpa:.0f} 美元，寿命 {12 * life_years:.0f} 个月；假设获客成本 {cac:,} 美元")
    for name, margin in {
        "例题": margin_percent / 100,
        "上面的包月产品，只算模型费": round(margin_of(fee_usd, model_usd), 2),
        "上面的包月产品，全算上": round(margin_of(realised_usd, full_cost_usd), 2),
    }.items():
        ltv, months = ltv_usd(arpa, margin, churn), cac_payback_months(cac, arpa, margin)
        print(f"{name}，毛利率 {margin:.0%}：LTV {ltv:,.0f} 美元", end="，")
        print(f"是获客成本的 {ltv / cac:.1f} 倍，{months:.1f} 个月收回")
