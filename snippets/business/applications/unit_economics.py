"""一个客户一辈子值多少钱，多久赚回获客成本？毛利率变了呢？"""

CFO_HANDBOOK_EXAMPLE = (2750, 85, 4.0)  # 年合同额（美元）、毛利率（%）、客户寿命（年）


def check(gross_margin: float, **positive: float) -> None:
    if not gross_margin <= 1:
        raise ValueError(f"gross_margin 不能大于 1，收到 {gross_margin}")
    for name, value in positive.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} 必须是有限的正数，收到 {value}")


def ltv_usd(arpa_usd_per_month: float, gross_margin: float, monthly_churn: float) -> float:
    """客户终身价值 = 每月收入 × 毛利率 ÷ 月流失率。寿命的平均值是流失率的倒数。"""
    check(gross_margin, arpa_usd_per_month=arpa_usd_per_month, monthly_churn=monthly_churn)
    if monthly_churn > 1:
        raise ValueError(f"monthly_churn 不能大于 1，收到 {monthly_churn}")
    return arpa_usd_per_month * gross_margin / monthly_churn


def cac_payback_months(cac_usd: float, arpa_usd_per_month: float, gross_margin: float) -> float:
    """获客成本回收期 = 获客成本 ÷ (每月收入 × 毛利率)。毛利率不为正时收不回，返回无穷大。"""
    check(gross_margin, cac_usd=cac_usd, arpa_usd_per_month=arpa_usd_per_month)
    if gross_margin <= 0:
        return float("inf")
    return cac_usd / (arpa_usd_per_month * gross_margin)


if __name__ == "__main__":
    acv, margin_percent, life_years = CFO_HANDBOOK_EXAMPLE
    arpa, churn = acv / 12, 1 / (12 * life_years)
    cac = 3_000  # 假设
    for margin in (margin_percent / 100, 0.59):  # 第二个是上一段代码里包月产品的毛利率
        ltv, months = ltv_usd(arpa, margin, churn), cac_payback_months(cac, arpa, margin)
        print(
            f"毛利率 {margin:.0%}：LTV {ltv:,.0f} 美元，是获客成本的 {ltv / cac:.1f} 倍", end="，"
        )
        print(f"{months:.1f} 个月收回 {cac:,} 美元")
