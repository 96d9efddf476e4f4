"""同一家 GPU 云，毛利率、EBITDA 利润率和营业利润率为什么差这么多？"""

from business.inference.limits import non_negative, positive

# 千美元：收入、营业成本、技术与基础设施、销售、管理、净利息
COREWEAVE_H1_2025_KUSD = (2_194_420, 575_061, 1_231_315, 47_348, 348_957, 530_801)
# 千美元：收入、营业利润、调整后 EBITDA、净利息
COREWEAVE_Q2_2025_KUSD = (1_212_788, 19_209, 753_169, 266_966)


def share_of_revenue(amount: float, revenue: float) -> float:
    """amount 占收入的比例；amount 是利润时就是利润率，可以为负。"""
    positive(revenue=revenue)
    return amount / revenue


def margins_after(revenue: float, costs: list[float]) -> list[float]:
    """依次扣掉 costs 里的每一项，返回每一步之后剩下的利润率。"""
    left, margins = revenue, []
    for cost in costs:
        non_negative(costs=cost)
        left -= cost
        margins.append(share_of_revenue(left, revenue))
    return margins


if __name__ == "__main__":
    revenue, cost, technology, sales, general, interest = COREWEAVE_H1_2025_KUSD
    steps = ["营业成本（机房、电、人）", "技术与基础设施（多为折旧）", "销售与管理", "净利息"]
    left = margins_after(revenue, [cost, technology, sales + general, interest])
    print(f"2025 年上半年，收入 {revenue / 1e5:.2f} 亿美元")
    for step, margin in zip(steps, left):
        print(f"  扣掉{step}，剩 {margin:.1%}")

    revenue, operating, ebitda, interest = COREWEAVE_Q2_2025_KUSD
    print(f"2025 年第二季度，收入 {revenue / 1e5:.2f} 亿美元")
    print(f"  调整后 EBITDA 利润率 {share_of_revenue(ebitda, revenue):.1%}")
    print(f"  营业利润率 {share_of_revenue(operating, revenue):.2%}")
    print(f"  净利息占收入 {share_of_revenue(interest, revenue):.1%}")
