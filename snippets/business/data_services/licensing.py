"""卖数据的授权费有多大，占公司收入几成？"""

from business.cloud.margins import share_of_revenue
from business.inference.limits import non_negative, positive

REDDIT_LICENSE_10K_USD = 20_300  # 万美元，下同；合同总额，期限两到三年
REDDIT_LICENSE_2024_10K_USD = 6_640  # 其中预计在 2024 年确认的最低收入
REDDIT_REVENUE_2023_10K_USD = 80_400
REDDIT_Q1_2025_10K_USD = (3_370, 39_240)  # 其他收入（主要是数据授权）、总收入
NEWS_CORP_OPENAI = (25_000, 5)  # 万美元、年，媒体报道，说“可能超过”
WILEY_2025_10K_USD = (4_000, 168_000)  # AI 授权收入、总收入


def annual_range(total: float, shortest_years: float, longest_years: float) -> tuple[float, float]:
    """合同总额摊到每一年的下限和上限，单位与 total 相同。"""
    non_negative(total=total)
    positive(shortest_years=shortest_years, longest_years=longest_years)
    if shortest_years > longest_years:
        raise ValueError(f"longest_years 必须不小于 {shortest_years}，收到 {longest_years}")
    return total / longest_years, total / shortest_years


if __name__ == "__main__":
    low, high = annual_range(REDDIT_LICENSE_10K_USD, 2, 3)
    print(f"Reddit：合同总额 {REDDIT_LICENSE_10K_USD / 1e4:.2f} 亿美元，2 到 3 年", end="：")
    print(f"每年 {low:,.0f} 万到 {high:,.0f} 万美元")
    share = share_of_revenue(REDDIT_LICENSE_2024_10K_USD, REDDIT_REVENUE_2023_10K_USD)
    print(f"  2024 年至少 {REDDIT_LICENSE_2024_10K_USD:,} 万美元，相当于 2023 年收入的 {share:.1%}")
    other, revenue = REDDIT_Q1_2025_10K_USD
    share = share_of_revenue(other, revenue)
    print(f"  2025 年第一季度：其他收入 {other:,} 万美元，占总收入 {share:.1%}", end="；")
    print(f"其他收入减半，总收入少 {share / 2:.1%}")
    total, years = NEWS_CORP_OPENAI
    (yearly, _) = annual_range(total, years, years)
    print(f"News Corp 与 OpenAI：{years} 年 {total / 1e4} 亿美元，每年 {yearly:,.0f} 万美元")
    licensed, revenue = WILEY_2025_10K_USD
    print(f"Wiley 2025 财年：授权 {licensed:,} 万美元，占收入", end=" ")
    print(f"{share_of_revenue(licensed, revenue):.1%}")
