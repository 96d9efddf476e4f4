"""卖数据的授权费有多大，占公司收入几成？"""

REDDIT_LICENSE_10K_USD = 20_300  # 万美元，下同；合同总额，期限两到三年
REDDIT_LICENSE_2024_10K_USD = 6_640  # 其中预计在 2024 年确认的最低收入
REDDIT_REVENUE_2023_10K_USD = 80_400
REDDIT_Q1_2025_10K_USD = (3_370, 39_240)  # 其他收入（主要是数据授权）、总收入


def annual_range(total: float, shortest_years: float, longest_years: float) -> tuple[float, float]:
    """合同总额摊到每一年的下限和上限，单位与 total 相同。"""
    if not 0 < shortest_years <= longest_years < float("inf"):
        raise ValueError(
            f"shortest_years 必须为正且不超过 longest_years，收到 {shortest_years} 和 {longest_years}"
        )
    if not 0 <= total < float("inf"):
        raise ValueError(f"total 必须是非负的有限数，收到 {total}")
    return total / longest_years, total / shortest_years


if __name__ == "__main__":
    low, high = annual_range(REDDIT_LICENSE_10K_USD, 2, 3)
    print(f"合同总额 {REDDIT_LICENSE_10K_USD / 1e4:.2f} 亿美元，2 到 3 年：", end="")
    print(f"每年 {low:,.0f} 万到 {high:,.0f} 万美元")
    share = REDDIT_LICENSE_2024_10K_USD / REDDIT_REVENUE_2023_10K_USD
    print(f"2024 年至少 {REDDIT_LICENSE_2024_10K_USD:,} 万美元，相当于 2023 年收入的 {share:.1%}")
    other, revenue = REDDIT_Q1_2025_10K_USD
    print(f"2025 年第一季度：其他收入 {other:,} 万美元，占总收入 {other / revenue:.1%}")
