import math
import re
from pathlib import Path

import matplotlib
import pytest

from business.applications import heavy_users
from business.cloud import gpu_hour
from business.data_services import embedding_margin
from business.outlook import margin_by_year, markup_or_margin, price_decline, three_models

ROOT = Path(__file__).parents[2]


def test_unit_costs_come_from_the_three_pages():
    """三种模式的单位成本，与前三页的代码算出的相同。"""
    line = (ROOT / "snippets/business/outlook/three_models.out").read_text()
    cloud, data, application = map(float, re.findall(r"成本 ([\d.]+) 美元", line))
    assert cloud == pytest.approx(gpu_hour.cost_usd_per_gpu_hour(50_000, 5, 0.50, 0.8), abs=0.0005)
    assert data == pytest.approx(
        embedding_margin.cost_usd_per_mtok(0.3e9, 100e12, 2.95, 0.5), abs=0.000005
    )
    tiers = {"轻度": (0.6, 20), "中度": (0.3, 200), "重度": (0.1, 3_000)}
    assert application == pytest.approx(heavy_users.mean_cost_usd(tiers, 0.022))


@pytest.mark.parametrize("page", ["cloud", "data_services", "applications", "outlook"])
def test_every_model_page_states_price_cost_and_margin(page):
    """原博客只有三个名词；这里每页都要有公式，且输出里真的印出价格、成本和毛利率的数。"""
    text = (ROOT / f"docs/business/{page}.md").read_text()
    assert re.search(r"^\$\$\n.+\n\$\$$", text, flags=re.M | re.S), "没有公式"
    included = re.findall(rf'--8<-- "(business/{page}/\w+\.out)"', text)
    output = "".join((ROOT / "snippets" / path).read_text() for path in included)
    assert re.search(r"(售价|价格|标价|月费|包月).{0,12}?\d", output), "没有价格"
    assert re.search(r"(成本|折旧).{0,6}?\d", output), "没有成本"
    assert re.search(r"毛利率 -?\d", output), "没有毛利率"


@pytest.mark.parametrize(("price", "cost"), [(2.95, 2.052), (0.02, 0.00983), (20, 8.184), (10, 30)])
def test_margin_and_markup_share_the_profit(price, cost):
    margin, rate = three_models.gross_margin(price, cost), three_models.markup(price, cost)
    assert margin * price == pytest.approx(rate * cost) == pytest.approx(price - cost)
    assert margin <= 1
    assert markup_or_margin.margin_from_markup(rate) == pytest.approx(margin)
    assert rate == pytest.approx(margin / (1 - margin))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: three_models.gross_margin(0, 1), "price_usd"),
        (lambda: three_models.gross_margin(1, -1), "cost_usd"),
        (lambda: three_models.markup(1, 0), "cost_usd"),
        (lambda: three_models.markup(-1, 1), "price_usd"),
        (lambda: markup_or_margin.revenue_usd((1, -1), (1, 1)), "billion_tokens"),
        (lambda: markup_or_margin.revenue_usd((1, 1), (1, -1)), "usd_per_mtok"),
        (lambda: markup_or_margin.markup(1, 0), "cost"),
        (lambda: markup_or_margin.margin_from_markup(-1), "rate"),
    ],
)
def test_bad_margin_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_deepseek_day():
    """来源：226.75 节点 × 8 张卡 × 2 美元 × 24 小时；cost profit margin 545%。"""
    cost, listed = (
        markup_or_margin.DEEPSEEK_DAILY_COST_USD,
        markup_or_margin.DEEPSEEK_DAILY_REVENUE_USD,
    )
    assert cost == 226.75 * 8 * 2 * 24
    rebuilt = markup_or_margin.revenue_usd(
        markup_or_margin.DEEPSEEK_DAILY_BTOK, markup_or_margin.DEEPSEEK_R1_USD_PER_MTOK
    )
    assert rebuilt == pytest.approx(listed, rel=0.0005)
    assert math.floor(100 * markup_or_margin.markup(listed, cost)) == 545
    assert round(100 * markup_or_margin.margin_from_markup(5.45), 1) == 84.5


def test_deepseek_day_at_v3_prices():
    """本站推算：280,560 美元，加价率 222%，毛利率 69%。"""
    revenue = markup_or_margin.revenue_usd(
        markup_or_margin.DEEPSEEK_DAILY_BTOK, markup_or_margin.DEEPSEEK_V3_USD_PER_MTOK
    )
    rate = markup_or_margin.markup(revenue, markup_or_margin.DEEPSEEK_DAILY_COST_USD)
    assert revenue == pytest.approx(280_560)
    assert round(100 * rate) == 222
    assert round(100 * markup_or_margin.margin_from_markup(rate)) == 69


def test_mismatched_token_classes_are_an_error():
    with pytest.raises(ValueError, match="zip"):
        markup_or_margin.revenue_usd((1, 2, 3), (1, 2))


@pytest.mark.parametrize("years", [0, 1, 2, 5])
def test_margin_path_equals_a_price_and_a_cost_list(years):
    """价格从 100、成本从 15 起，逐年乘下去。"""
    price, cost = 100.0, 15.0
    for _ in range(years):
        price, cost = price * 0.5, cost * 0.7
    assert price_decline.margin_after(0.85, 0.5, 0.3, years) == pytest.approx(1 - cost / price)


@pytest.mark.parametrize(
    ("margin", "price", "cost"), [(0.30, 0.20, 0.0), (0.85, 0.50, 0.30), (0.60, 0.0, -0.50)]
)
def test_margin_is_zero_when_we_say_so(margin, price, cost):
    years = price_decline.years_to_zero_margin(margin, price, cost)
    assert price_decline.margin_after(margin, price, cost, years) == pytest.approx(0, abs=1e-12)


def test_margin_never_vanishes_when_cost_falls_as_fast():
    assert price_decline.years_to_zero_margin(0.3, 0.2, 0.2) == math.inf
    assert price_decline.years_to_zero_margin(0.6, 0.0, 0.25) == math.inf
    assert price_decline.margin_after(0.6, 0.0, 0.25, 2) > 0.6


def test_cloud_goes_first_and_a_higher_start_only_delays():
    cloud = price_decline.years_to_zero_margin(0.30, 0.20, 0.0)
    application = price_decline.years_to_zero_margin(0.60, 0.0, -0.50)
    api = price_decline.years_to_zero_margin(0.85, 0.50, 0.30)
    assert cloud < application < api < math.inf
    same_start = price_decline.years_to_zero_margin(0.60, 0.20, 0.0)
    assert cloud < application < same_start < math.inf, "起点相同时，云不是最先归零的"


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: price_decline.margin_after(1, 0.1, 0.1, 1), "margin"),
        (lambda: price_decline.margin_after(0.5, 1, 0.1, 1), "price_decline"),
        (lambda: price_decline.margin_after(0.5, 0.1, 1, 1), "cost_decline"),
        (lambda: price_decline.margin_after(0.5, 0.1, 0.1, -1), "years"),
        (lambda: price_decline.years_to_zero_margin(0, 0.1, 0.0), "margin"),
        (lambda: price_decline.years_to_zero_margin(0.5, math.nan, 0.0), "price_decline"),
        (lambda: price_decline.margin_after(0.5, 0.1, -math.inf, 1), "cost_decline"),
    ],
)
def test_bad_decline_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_figure_draws_the_published_formula():
    for case in ((0.60, 0.0, 0.25), (0.85, 0.50, 0.30), (0.60, 0.0, -0.50), (0.30, 0.20, 0.0)):
        for years in (0, 2.5, 6):
            assert margin_by_year.margin_after(*case, years) == pytest.approx(
                price_decline.margin_after(*case, years)
            )
    with matplotlib.rc_context():
        svg = margin_by_year.figure()
    for label in ("云", "接口", "应用，用量涨得更快", "应用，token 降价更快"):
        assert f">{label}<" in svg


def test_edges_are_allowed():
    assert three_models.gross_margin(0.5, 0) == 1
    assert three_models.markup(0, 0.5) == markup_or_margin.markup(0, 0.5) == -1
    assert markup_or_margin.revenue_usd((0, 1), (1, 0)) == 0
    assert price_decline.margin_after(0.5, 0.1, 0.1, 0) == 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda x: three_models.gross_margin(x, 1),
        lambda x: three_models.gross_margin(1, x),
        lambda x: three_models.markup(x, 1),
        lambda x: three_models.markup(1, x),
        lambda x: markup_or_margin.revenue_usd((x,), (1,)),
        lambda x: markup_or_margin.markup(1, x),
        lambda x: markup_or_margin.margin_from_markup(x - 1),
        lambda x: price_decline.margin_after(0.5, 0.1, 0.1, x),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
