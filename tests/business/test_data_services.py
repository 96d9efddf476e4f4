import math
import re

import matplotlib
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from business.cloud.margins import share_of_revenue
from business.data_services import (
    embedding_margin,
    embedding_price,
    label_price,
    licensed_tokens,
    licensing,
    margin_by_utilisation,
    search_cost,
)
from business.inference import compute_bound, margin, token_cost

shares = st.floats(0.01, 1)
prices = st.floats(0.001, 10)


@pytest.mark.parametrize(("price", "pages"), [(0.02, 62_500), (0.13, 9_615), (0.10, 12_500)])
def test_pages_per_dollar_match_the_openai_table(price, pages):
    """OpenAI 文档印的三个模型的每美元页数，每页 800 个 token。"""
    assert int(embedding_price.pages_per_usd(price, 800)) == pages


def test_vectors_take_more_room_than_the_text():
    """一页 800 个 token、每 token 4 字节，是 3,200 字节；一个 1536 维的 float32 向量是 6 KiB。"""
    assert embedding_price.vector_bytes(1, 1536) == 6 * 1_024
    assert embedding_price.vector_bytes(62_500, 1536) > 62_500 * 800 * 4
    assert embedding_price.vector_bytes(10, 256, bytes_per_value=1) == 2_560


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: embedding_price.pages_per_usd(0, 800), "usd_per_mtok"),
        (lambda: embedding_price.pages_per_usd(-0.02, 800), "usd_per_mtok"),
        (lambda: embedding_price.pages_per_usd(0.02, 0), "tokens_per_page"),
        (lambda: embedding_price.vector_bytes(1, 0), "dimensions"),
        (lambda: embedding_price.vector_bytes(1, 8, 0), "bytes_per_value"),
        (lambda: embedding_price.vector_bytes(-1, 8), "vectors"),
    ],
)
def test_bad_embedding_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_embedding_cost_counts_two_flop_per_parameter_and_token():
    """10 亿参数、2e12 FLOP/s、全开：每秒 1,000 个 token，百万 token 要 1,000 秒。"""
    cost = embedding_margin.cost_usd_per_mtok(1e9, 2e12, 3.6, 1)
    assert cost == pytest.approx(3.6 * 1_000 / 3_600)
    assert embedding_margin.cost_usd_per_mtok(1e9, 2e12, 3.6, 0.25) == pytest.approx(4 * cost)


def embedding_percent(price, used):
    cost = embedding_margin.cost_usd_per_mtok(0.3e9, 100e12, 2.95, used)
    return round(100 * margin.gross_margin(price, cost))


def test_embedding_profit_turns_into_loss_as_cards_idle():
    assert [embedding_percent(0.02, used) for used in (1.0, 0.5, 0.2)] == [75, 51, -23]


def test_embedding_formulas_live_elsewhere():
    """毛利率、每百万 token 的成本和前向速度各有一个家，这里只引用。"""
    assert embedding_margin.gross_margin is margin.gross_margin
    assert embedding_margin.usd_per_mtok is token_cost.usd_per_mtok
    assert embedding_margin.forward_tokens_per_s is compute_bound.forward_tokens_per_s


@given(st.floats(1e7, 1e10), st.floats(1e12, 1e15), st.floats(0.5, 10), prices)
def test_embedding_margin_is_zero_at_break_even(params, flop_per_s, gpu_usd, price):
    tokens_per_s = compute_bound.forward_tokens_per_s(params, flop_per_s)
    used = embedding_margin.break_even_utilisation(gpu_usd, tokens_per_s, price)
    half = embedding_margin.break_even_utilisation(gpu_usd, tokens_per_s, price / 2)
    assert half == pytest.approx(2 * used)  # 价格减半，盈亏点翻倍
    assume(0 < used <= 1)
    cost = embedding_margin.cost_usd_per_mtok(params, flop_per_s, gpu_usd, used)
    assert margin.gross_margin(price, cost) == pytest.approx(0, abs=1e-9)


@given(st.floats(1e7, 1e10), shares, shares)
def test_embedding_cost_falls_with_utilisation(params, used, more):
    low, high = sorted((used, more))
    cost = [embedding_margin.cost_usd_per_mtok(params, 1e14, 2.95, u) for u in (low, high)]
    assert cost[0] >= cost[1]
    assert cost[0] * low == pytest.approx(cost[1] * high)


def test_embedding_break_even_on_the_page():
    """每秒 166,667 个 token，满载每小时 6 亿；另用整数算一遍。"""
    full_usd_per_mtok = 2.95 / (100e12 / 0.6e9 * 3_600 / 1e6)
    percent = [round(100 * full_usd_per_mtok / price) for price in (0.02, 0.01, 0.004)]
    assert percent == [25, 49, 123]
    assert 0.95 < full_usd_per_mtok / 0.005 < 1  # 再降一次，开满才勉强不亏
    speed = embedding_margin.forward_tokens_per_s(0.6e9, 989e12)
    floor = embedding_margin.break_even_utilisation(2.95, speed, 0.004)
    assert floor == pytest.approx(2.95 / 0.004 * 1e6 * 1.2e9 / (989e12 * 3_600))
    assert round(100 * floor) == 25


def test_margin_figure_draws_the_published_formula():
    drawn = margin_by_utilisation.margin_percent(0.02, [0.2, 0.5, 1.0])
    assert [round(value) for value in drawn] == [-23, 51, 75]
    assert max(margin_by_utilisation.margin_percent(0.004, [0.1, 1.0])) < 0
    crossing = margin_by_utilisation.margin_percent(0.02, [0.24, 0.25])
    assert crossing[0] < 0 < crossing[1]
    with matplotlib.rc_context():
        svg = margin_by_utilisation.figure()
    assert [svg.count(c) > 0 for c in ("#43a047", "#1e88e5", "#e65100")] == [True] * 3
    assert re.findall(r"(标价 0.02 美元|降价一半|降到 0.004 美元)", svg) == [
        "标价 0.02 美元",
        "降价一半",
        "降到 0.004 美元",
    ]


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, 2, 0), "utilisation"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, 2, 1.2), "utilisation"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 0, 2, 1), "flop_per_s"),
        (lambda: embedding_margin.cost_usd_per_mtok(0, 1e12, 2, 1), "params"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, -2, 1), "usd_per_hour"),
    ],
)
def test_bad_margin_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def sunyan_cost_usd():
    return search_cost.query_cost_usd(1_050, 400, 20, 20, 10, reused=0.3, seller_margin=0.75)


def test_search_matches_the_article():
    """文章印：成本 0.066 美元，收入 0.048 美元，约 1.4 倍。"""
    revenue = (
        search_cost.GOOGLE_SEARCH_REVENUE_100M_USD
        * 1e8
        / (search_cost.GOOGLE_SEARCH_QUERIES_TRILLION * 1e12)
    )
    assert sunyan_cost_usd() == pytest.approx(0.066, rel=0.03)
    assert round(revenue, 3) == 0.048
    assert round(sunyan_cost_usd() / revenue, 1) == round(0.066 / 0.048, 1) == 1.4
    filed = 148_951e6 / 2.1e12  # Alphabet 年报，2021 年 Google Search & other
    assert pytest.approx(148_951e6) == search_cost.GOOGLE_SEARCH_FILED_100M_USD * 1e8
    assert round(sunyan_cost_usd() / filed, 2) == 0.95


def test_search_paid_by_words_instead_of_tokens():
    """文章按 750 个词 0.02 美元算，不经过 token。"""
    assert sunyan_cost_usd() == pytest.approx(10 * (1_050 + 400) / 750 * 0.02 * 0.7 * 0.25)


def test_search_turned_profitable_at_the_prices_of_2025():
    revenue = 100e9 / 2.1e12
    _, miss, output = search_cost.DEEPSEEK_V3_USD_PER_MTOK
    later = search_cost.query_cost_usd(1_050, 400, miss, output, 10, reused=0.3)
    assert sunyan_cost_usd() > revenue > later
    assert later / revenue == pytest.approx(0.15, abs=0.02)  # 文章对优化后成本的估计


def test_search_survives_half_the_revenue():
    _, miss, output = search_cost.DEEPSEEK_V3_USD_PER_MTOK
    later = search_cost.query_cost_usd(1_050, 400, miss, output, 10, reused=0.3)
    assert round(100 * (1 - later / (100e9 / 2.1e12 / 2))) == 72
    assert later > 0.0025  # 十份摘要的 token，比 Perplexity 卖一次搜索还贵


@given(st.floats(0, 0.95), st.floats(0, 0.95), shares, shares)
def test_reuse_and_no_seller_margin_only_lower_the_cost(reused, seller, price, words):
    full = search_cost.query_cost_usd(1_000 * words, 100, price, price, 10)
    cost = search_cost.query_cost_usd(1_000 * words, 100, price, price, 10, reused, seller)
    assert cost == pytest.approx(full * (1 - reused) * (1 - seller))
    assert cost <= full


def test_search_prices_input_and_output_apart():
    assert search_cost.query_cost_usd(750, 0, 3, 15, 1) == pytest.approx(3e-3)
    assert search_cost.query_cost_usd(0, 750, 3, 15, 2) == pytest.approx(30e-3)


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"reused": 1.05}, "reused"),
        ({"seller_margin": 1.05}, "seller_margin"),
        ({"seller_margin": -0.1}, "seller_margin"),
        ({"input_words": -1}, "input_words"),
        ({"output_words": -1}, "output_words"),
        ({"input_usd_per_mtok": -1}, "input_usd_per_mtok"),
        ({"output_usd_per_mtok": -1}, "output_usd_per_mtok"),
        ({"summaries": -1}, "summaries"),
    ],
)
def test_bad_search_input_is_named(change, argument):
    good = {"input_words": 1, "output_words": 1, "input_usd_per_mtok": 1, "output_usd_per_mtok": 1}
    with pytest.raises(ValueError, match=argument):
        search_cost.query_cost_usd(**(good | {"summaries": 1} | change))


def test_published_label_and_sample_prices():
    """Alpaca：不到 500 美元 52K 条，约 0.0096；Gilardi：不到 0.003，众包约三十倍，0.09。"""
    sample = label_price.usd_per_item(label_price.ALPACA_COST_USD, label_price.ALPACA_SAMPLES)
    assert sample == pytest.approx(0.0096, rel=0.005)
    human = label_price.LLM_LABEL_USD * label_price.MTURK_TO_LLM_RATIO
    assert human == pytest.approx(0.09)
    assert human / label_price.LLM_LABEL_USD > 10


def test_review_decides_the_price_of_a_label():
    assert label_price.reviewed_usd_per_label(0.003, 0.09, 0.1) == pytest.approx(0.012)
    assert 0.1 * 0.09 / label_price.reviewed_usd_per_label(0.003, 0.09, 0.1) == pytest.approx(0.75)
    assert label_price.reviewed_usd_per_label(0.003, 0.09, 0) == 0.003
    assert label_price.reviewed_usd_per_label(0.003, 0.09, 1) > 0.09  # 全部重看比直接请人贵


@given(prices, prices, st.floats(0, 1), st.floats(0, 1))
def test_more_review_costs_more_and_breaks_even_where_people_are_as_cheap(
    machine, human, share, more
):
    low, high = sorted((share, more))
    cost = [label_price.reviewed_usd_per_label(machine, human, s) for s in (low, high)]
    assert cost[0] <= cost[1]
    limit = label_price.break_even_review_share(machine, human)
    assume(0 <= limit <= 1)
    assert label_price.reviewed_usd_per_label(machine, human, limit) == pytest.approx(human)


def test_review_decides_whether_a_label_survives_half_the_price():
    margins = [
        round(100 * (1 - label_price.reviewed_usd_per_label(0.003, 0.09, share) / price))
        for share in (0.1, 0.3)
        for price in (0.09, 0.045)
    ]
    assert margins == [87, 73, 67, 33]
    assert round(label_price.break_even_review_share(0.003, 0.09), 3) == 0.967
    assert label_price.break_even_review_share(2, 1) == -1


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: label_price.usd_per_item(500, 0), "items"),
        (lambda: label_price.usd_per_item(-1, 10), "total_usd"),
        (lambda: label_price.reviewed_usd_per_label(0.003, 0.09, 1.1), "review_share"),
        (lambda: label_price.reviewed_usd_per_label(0.003, 0.09, -0.1), "review_share"),
        (lambda: label_price.break_even_review_share(0.003, 0), "human_usd"),
        (lambda: label_price.break_even_review_share(-1, 1), "machine_usd"),
        (lambda: label_price.reviewed_usd_per_label(-0.003, 0.09, 0.1), "machine_usd"),
        (lambda: label_price.reviewed_usd_per_label(0.003, math.nan, 0.1), "human_usd"),
    ],
)
def test_bad_label_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_licence_per_year_brackets_what_reddit_expected():
    """上市文件预计 2024 年至少确认 6,640 万美元，应接近三年期的下限。"""
    low, high = licensing.annual_range(licensing.REDDIT_LICENSE_10K_USD, 2, 3)
    assert low * 3 == high * 2 == licensing.REDDIT_LICENSE_10K_USD
    assert low == pytest.approx(licensing.REDDIT_LICENSE_2024_10K_USD, rel=0.02)


def test_licensing_is_a_small_share_of_revenue():
    other, revenue = licensing.REDDIT_Q1_2025_10K_USD
    assert round(1_000 * other / revenue) == 86
    assert round(1_000 * (1 - (revenue - other / 2) / revenue)) == 43  # 单价减半，总收入少 4.3%
    assert licensing.REDDIT_LICENSE_2024_10K_USD / licensing.REDDIT_REVENUE_2023_10K_USD < 0.10
    licensed, revenue = licensing.WILEY_2025_10K_USD
    assert round(1_000 * licensed / revenue) == 24
    assert licensing.share_of_revenue is share_of_revenue


def test_contract_total_is_not_a_yearly_income():
    total, years = licensing.NEWS_CORP_OPENAI
    assert licensing.annual_range(total, years, years) == (5_000, 5_000)


@given(prices, st.floats(0.5, 5), st.floats(0.5, 5))
def test_yearly_range_adds_up_to_the_total(total, years, longer):
    short, long = sorted((years, longer))
    low, high = licensing.annual_range(total, short, long)
    assert low <= high
    assert low * long == pytest.approx(total) == pytest.approx(high * short)


def test_a_book_costs_more_to_license_than_to_train_on():
    """十万词是 133,333 个 token；70 B 参数训练一百万 token 要 4.2e17 次运算，约 1,062 秒。"""
    price = licensed_tokens.licence_usd_per_mtok(5_000, 100_000)
    assert price == pytest.approx(5_000 / 0.133333, rel=1e-4)
    compute = licensed_tokens.training_usd_per_mtok(70e9, 989e12, 0.4, 2.95)
    assert compute == pytest.approx(6 * 70e9 * 1e6 / (989e12 * 0.4) / 3_600 * 2.95)
    assert round(compute, 2) == 0.87
    assert 4 < math.log10(price / compute) < 5  # 四个数量级
    settled = licensed_tokens.licence_usd_per_mtok(3_000, 100_000)
    assert settled == pytest.approx(22_500)
    assert 1 < price / settled < 2  # 同一个量级


@given(prices, st.floats(1_000, 1e6), st.floats(0.1, 1))
def test_licence_per_book_is_recovered(usd, words, words_per_token):
    price = licensed_tokens.licence_usd_per_mtok(usd, words, words_per_token)
    assert price * words / words_per_token / 1e6 == pytest.approx(usd)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: licensed_tokens.licence_usd_per_mtok(-1, 1), "usd_per_book"),
        (lambda: licensed_tokens.licence_usd_per_mtok(1, 0), "words_per_book"),
        (lambda: licensed_tokens.licence_usd_per_mtok(1, 1, 0), "words_per_token"),
        (lambda: licensed_tokens.training_usd_per_mtok(0, 1, 1, 1), "params"),
        (lambda: licensed_tokens.training_usd_per_mtok(1, 0, 1, 1), "peak_flop_per_s"),
        (lambda: licensed_tokens.training_usd_per_mtok(1, 1, 1.1, 1), "mfu"),
        (lambda: licensed_tokens.training_usd_per_mtok(1, 1, 1, -1), "usd_per_gpu_hour"),
    ],
)
def test_bad_book_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: licensing.annual_range(1, 0, 3), "shortest_years"),
        (lambda: licensing.annual_range(1, 3, 2), "longest_years"),
        (lambda: licensing.annual_range(-1, 2, 3), "total"),
    ],
)
def test_bad_licence_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_edges_are_allowed():
    """零个向量、零租金、零成本、一条样本、期限相等，都是合法的输入。"""
    assert embedding_price.vector_bytes(0, 8) == 0
    assert embedding_price.vector_bytes(1, 1, 1) == 1
    assert embedding_margin.cost_usd_per_mtok(0.5, 0.5, 0, 1) == 0
    assert label_price.usd_per_item(0.5, 1) == 0.5
    assert label_price.usd_per_item(0, 5) == 0
    assert label_price.reviewed_usd_per_label(0, 0, 1) == 0
    assert licensing.annual_range(1, 0.5, 0.5) == (2, 2)
    assert licensing.annual_range(0, 1, 2) == (0, 0)
    assert search_cost.query_cost_usd(1, 1, 1, 1, 1, reused=1) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda x: embedding_price.pages_per_usd(x, 800),
        lambda x: embedding_price.vector_bytes(x, 8),
        lambda x: embedding_margin.cost_usd_per_mtok(x, 1e12, 2, 1),
        lambda x: embedding_margin.cost_usd_per_mtok(1e9, 1e12, x, 1),
        lambda x: embedding_price.vector_bytes(1, x),
        lambda x: licensed_tokens.licence_usd_per_mtok(x, 1),
        lambda x: licensed_tokens.training_usd_per_mtok(1, 1, 1, x),
        lambda x: label_price.break_even_review_share(x, 1),
        lambda x: search_cost.query_cost_usd(x, 1, 1, 1, 1),
        lambda x: label_price.usd_per_item(x, 1),
        lambda x: label_price.reviewed_usd_per_label(x, 1, 0.5),
        lambda x: licensing.annual_range(x, 1, 2),
        lambda x: licensing.annual_range(1, 1, x),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
