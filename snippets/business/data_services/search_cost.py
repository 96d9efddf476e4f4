"""搜索的每次查询都过一遍大模型，广告费够付吗？"""

from business.inference.limits import non_negative, share
from business.inference.margin import gross_margin

GOOGLE_SEARCH_REVENUE_100M_USD = 1_000  # 亿美元，来源说“超过”
GOOGLE_SEARCH_FILED_100M_USD = 1_489.51  # 亿美元，年报
GOOGLE_SEARCH_QUERIES_TRILLION = 2.1
DAVINCI_USD_PER_KTOK = 0.02  # 输入输出同价
LLM_SEARCH_USD_PER_QUERY = 0.066  # 来源文章印出的结果
DEEPSEEK_V3_USD_PER_MTOK = (0.07, 0.27, 1.10)  # 输入命中缓存、输入未命中、输出


def query_cost_usd(
    input_words: float,
    output_words: float,
    input_usd_per_mtok: float,
    output_usd_per_mtok: float,
    summaries: int,
    reused: float = 0.0,
    seller_margin: float = 0.0,
) -> float:
    """一次查询的成本（美元）。四分之三个英文单词算一个 token。

    summaries：要写几份摘要；reused：直接用旧答案的查询比例；
    seller_margin：标价里属于模型卖方的毛利，自建时不用付。
    """
    non_negative(input_words=input_words, output_words=output_words, summaries=summaries)
    non_negative(input_usd_per_mtok=input_usd_per_mtok, output_usd_per_mtok=output_usd_per_mtok)
    share(reused=reused, seller_margin=seller_margin)
    per_summary = (input_words * input_usd_per_mtok + output_words * output_usd_per_mtok) / 0.75e6
    return summaries * per_summary * (1 - reused) * (1 - seller_margin)


if __name__ == "__main__":
    revenue = GOOGLE_SEARCH_REVENUE_100M_USD / GOOGLE_SEARCH_QUERIES_TRILLION / 1e4
    filed = GOOGLE_SEARCH_FILED_100M_USD / GOOGLE_SEARCH_QUERIES_TRILLION / 1e4
    davinci = DAVINCI_USD_PER_KTOK * 1_000
    words, reused, seller_margin = (1_050, 400), 0.3, 0.75  # 来源文章的假设，十份摘要
    print(f"每次查询收入 {revenue:.3f} 美元", end="；")
    print(f"十份摘要，重用 {reused:.0%}，卖方毛利率 {seller_margin:.0%}")
    cost = query_cost_usd(*words, davinci, davinci, 10, reused, seller_margin)
    gap = cost / LLM_SEARCH_USD_PER_QUERY - 1
    print(f"2023 年，未优化，davinci 扣除卖方毛利：成本 {cost:.3f} 美元，与来源差 {gap:.1%}")
    print(f"  是收入的 {cost / revenue:.1f} 倍，毛利率 {gross_margin(revenue, cost):.0%}")
    print(f"  收入换成年报的数，每次 {filed:.3f} 美元，成本是它的 {cost / filed:.2f} 倍")
    _, miss, output = DEEPSEEK_V3_USD_PER_MTOK
    cost = query_cost_usd(*words, miss, output, 10, reused)
    print(f"2025 年的 DeepSeek-V3 标价，只计 token，收入不变：成本 {cost:.4f} 美元")
    print(f"  是收入的 {cost / revenue:.0%}，毛利率 {gross_margin(revenue, cost):.0%}", end="；")
    print(f"收入减半，毛利率 {gross_margin(revenue / 2, cost):.0%}")
