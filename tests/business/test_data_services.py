import math

import pytest

from business.data_services import (
    embedding_margin,
    embedding_price,
    label_price,
    licensing,
    search_cost,
)


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


def test_embedding_profit_turns_into_loss_as_cards_idle():
    def margin(used):
        cost = embedding_margin.cost_usd_per_mtok(0.3e9, 100e12, 2.95, used)
        return embedding_margin.gross_margin(0.02, cost)

    assert margin(1.0) > margin(0.5) > 0 > margin(0.2)
    assert margin(0.2458) == pytest.approx(0, abs=0.001)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, 2, 0), "utilisation"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, 2, 1.2), "utilisation"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 0, 2, 1), "flop_per_s"),
        (lambda: embedding_margin.cost_usd_per_mtok(0, 1e12, 2, 1), "params"),
        (lambda: embedding_margin.cost_usd_per_mtok(1e9, 1e12, -2, 1), "gpu_usd_per_hour"),
        (lambda: embedding_margin.gross_margin(0, 1), "price"),
        (lambda: embedding_margin.gross_margin(1, -1), "cost"),
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


def test_search_paid_by_words_instead_of_tokens():
    """文章按 750 个词 0.02 美元算，不经过 token。"""
    assert sunyan_cost_usd() == pytest.approx(10 * (1_050 + 400) / 750 * 0.02 * 0.7 * 0.25)


def test_search_turned_profitable_at_the_prices_of_2025():
    revenue = 100e9 / 2.1e12
    _, miss, output = search_cost.DEEPSEEK_V3_USD_PER_MTOK
    later = search_cost.query_cost_usd(1_050, 400, miss, output, 10, reused=0.3)
    assert sunyan_cost_usd() > revenue > later
    assert later / revenue == pytest.approx(0.15, abs=0.02)  # 文章对优化后成本的估计


def test_search_prices_input_and_output_apart():
    assert search_cost.query_cost_usd(750, 0, 3, 15, 1) == pytest.approx(3e-3)
    assert search_cost.query_cost_usd(0, 750, 3, 15, 2) == pytest.approx(30e-3)


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"reused": 1}, "reused"),
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


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: label_price.usd_per_item(500, 0), "items"),
        (lambda: label_price.usd_per_item(-1, 10), "total_usd"),
        (lambda: label_price.reviewed_usd_per_label(0.003, 0.09, 1.1), "review_share"),
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


def test_licensing_stays_below_a_tenth_of_revenue():
    other, revenue = licensing.REDDIT_Q1_2025_10K_USD
    assert other / revenue < 0.10
    assert licensing.REDDIT_LICENSE_2024_10K_USD / licensing.REDDIT_REVENUE_2023_10K_USD < 0.10


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
    assert embedding_margin.gross_margin(0.5, 0) == 1
    assert label_price.usd_per_item(0.5, 1) == 0.5
    assert label_price.usd_per_item(0, 5) == 0
    assert label_price.reviewed_usd_per_label(0, 0, 1) == 0
    assert licensing.annual_range(1, 0.5, 0.5) == (2, 2)
    assert licensing.annual_range(0, 1, 2) == (0, 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda x: embedding_price.pages_per_usd(x, 800),
        lambda x: embedding_price.vector_bytes(x, 8),
        lambda x: embedding_margin.cost_usd_per_mtok(x, 1e12, 2, 1),
        lambda x: embedding_margin.cost_usd_per_mtok(1e9, 1e12, x, 1),
        lambda x: embedding_margin.gross_margin(x, 1),
        lambda x: embedding_margin.gross_margin(1, x),
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
