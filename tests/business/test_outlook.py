import math
import re
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.inference.daily_account import DEEPSEEK_R1_USD_PER_MTOK
from business.inference.margin import gross_margin
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK
from business.outlook import (
    halved_price,
    margin_by_year,
    price_decline,
    three_models,
    training_payback,
)

ROOT = Path(__file__).parents[2]
CHAPTER = ["inference", "cloud", "data_services", "applications", "outlook"]
margins = st.floats(0.01, 0.99)
declines = st.floats(-1.0, 0.9)


def printed(module) -> str:
    return Path(module.__file__).with_suffix(".out").read_text(encoding="utf-8")


def test_unit_costs_are_rebuilt_from_scratch():
    """四个单位成本各用最朴素的算法再算一遍，与印出的三位有效数字相同。"""
    owned_hours = 5 * 365 * 24
    cloud = (50_000 + 0.50 * owned_hours) / (0.8 * owned_hours)
    tokens_per_hour = 100e12 / (2 * 0.3e9) * 3_600
    embedding = 2.95 / (tokens_per_hour * 0.5) * 1e6
    application = (600 * 20 + 300 * 200 + 100 * 3_000) * 0.022 / 1_000
    api = 87_072 / (342_000 + 266_000 + 168_000)  # 来源印的成本，百万 token
    shown = re.findall(r"成本 ([\d.]+) 美元", printed(three_models))
    assert shown == [f"{cost:.3g}" for cost in (cloud, embedding, application, api)]


def test_one_number_of_each_model():
    text = printed(three_models)
    assert f"{50_000 / (2.95 * 0.8 - 0.50) / 8_760:.1f} 年回本" in text
    assert f"成本是收入的 {0.009833 / 0.02:.0%}" in text
    assert f"平均成本是中位用户的 {8.184 / 0.44:.1f} 倍" in text


def test_545_percent_is_a_markup():
    """来源的两个数：87,072 与 562,027 美元，写明 cost profit margin 545%。"""
    assert three_models.daily_cost_usd == 87_072
    price, cost = three_models.units["接口（上游）：百万 token"]
    assert math.floor(100 * (price / cost - 1)) == 545
    assert gross_margin(price, cost) == pytest.approx(1 - 87_072 / 562_027)
    assert "毛利率 84.5%，加价率 545%" in printed(three_models)
    assert price * 776_000 == pytest.approx(562_027)


@pytest.mark.parametrize("page", CHAPTER)
def test_every_model_page_states_price_cost_and_margin(page):
    """原博客只有三个名词；这里每页都要有公式，且输出里真的印出价格、成本和毛利率的数。"""
    text = (ROOT / f"docs/business/{page}.md").read_text(encoding="utf-8")
    assert re.search(r"^\$\$\n.+\n\$\$$", text, flags=re.M | re.S), "没有公式"
    included = re.findall(rf'--8<-- "(business/{page}/\w+\.out)"', text)
    output = "".join((ROOT / "snippets" / path).read_text(encoding="utf-8") for path in included)
    assert re.search(r"(售价|价格|标价|月费|包月).{0,12}?\d", output), "没有价格"
    assert re.search(r"(成本|折旧).{0,6}?\d", output), "没有成本"
    assert re.search(r"毛利率 -?\d", output), "没有毛利率"


# token 价格减半


def test_halving_hits_sellers_and_helps_buyers():
    """接口、嵌入收入减半，应用成本减半；逐个重算印出的两个毛利率。"""
    api, data, application = 87_072 / 562_027, 0.009833 / 0.02, 8.184 / 20
    expected = [(1 - ratio, 1 - 2 * ratio) for ratio in (api, data)]
    expected.append((1 - application, 1 - application / 2))
    shown = re.findall(r"毛利率 (-?\d+%) → (-?\d+%)", printed(halved_price))
    assert shown == [(f"{before:.0%}", f"{after:.0%}") for before, after in expected]


def test_cloud_margin_follows_the_rent():
    shown = re.findall(r"租价跟着跌 (\d+)%，毛利率 (-?\d+)%", printed(halved_price))
    assert len(shown) == 3
    for fall, margin in shown:
        assert round(100 * (1 - 2.0518 / (2.95 * (1 - int(fall) / 100)))) == int(margin)


def test_rent_ceiling_of_the_published_day():
    """562,027 美元 ÷（226.75 个节点 × 8 × 24 小时）；减半三次之后低于来源假设的 2 美元。"""
    found = halved_price.rent_ceiling_usd_per_hour(562_027, 226.75 * 8 * 24)
    assert round(found, 2) == 12.91
    assert found / 4 > 2 > found / 8
    assert [float(x) for x in re.findall(r"付得起 ([\d.]+)", printed(halved_price))] == [
        pytest.approx(found / 2**n, abs=0.005) for n in range(4)
    ]


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_at_the_rent_ceiling_the_customer_earns_nothing(revenue, gpu_hours):
    rent = halved_price.rent_ceiling_usd_per_hour(revenue, gpu_hours)
    assert gross_margin(revenue, rent * gpu_hours) == pytest.approx(0, abs=1e-9)


def test_v3_list_price_is_about_half_of_r1():
    for v3, r1 in zip(DEEPSEEK_V3_USD_PER_MTOK, DEEPSEEK_R1_USD_PER_MTOK, strict=True):
        assert v3 / r1 == pytest.approx(0.5, abs=0.011)


def test_half_the_utilisation():
    """正文：利用率减半，云就亏；嵌入只在盈亏线上。"""
    assert gross_margin(2.95, 2 * 2.0518) < 0
    assert 0 < gross_margin(0.02, 2 * 0.009833) < 0.02


# 年年降价


@pytest.mark.parametrize("years", [0, 1, 2, 5])
def test_margin_path_equals_a_price_and_a_cost_list(years):
    """价格从 100、成本从 15 起，逐年乘下去。"""
    price, cost = 100.0, 15.0
    for _ in range(years):
        price, cost = price * 0.5, cost * 0.7
    assert price_decline.margin_after(0.85, 0.5, 0.3, years) == pytest.approx(1 - cost / price)


@given(margins, declines, declines)
def test_the_margin_is_zero_when_we_say_so(margin, price, cost):
    years = price_decline.years_to_zero_margin(margin, price, cost)
    if (1 - cost) / (1 - price) > 1.001 and years < 100:
        found = price_decline.margin_after(margin, price, cost, years)
        assert found == pytest.approx(0, abs=1e-6)
    elif cost > price:
        assert years == math.inf


@given(margins, declines, declines, st.floats(0, 5), st.floats(0, 5))
def test_years_compose(margin, price, cost, first, second):
    halfway = price_decline.margin_after(margin, price, cost, first)
    whole = price_decline.margin_after(margin, price, cost, first + second)
    found = price_decline.margin_after(halfway, price, cost, second)
    assert 1 - found == pytest.approx(1 - whole, rel=1e-6)


@given(st.floats(-0.5, 0.9), st.floats(-0.5, 4))
def test_cost_decline_is_price_times_usage(token_price_decline, growth):
    """一百个单位、每个一美元，一年后重新乘一遍。"""
    bill = 100 * (1 - token_price_decline) * (1 + growth)
    found = price_decline.cost_decline(token_price_decline, growth)
    assert found == pytest.approx(1 - bill / 100)


@given(st.floats(0.01, 0.9))
def test_usage_can_grow_until_it_undoes_the_price(token_price_decline):
    growth = 1 / (1 - token_price_decline) - 1
    assert price_decline.cost_decline(token_price_decline, growth) == pytest.approx(0, abs=1e-9)


def test_doubling_undoes_halving():
    assert price_decline.cost_decline(0.5, 1.0) == 0
    assert price_decline.cost_decline(0.5, 2.0) == -0.5
    assert price_decline.cost_decline(0.5, 0.5) == 0.25


def test_margin_never_vanishes_when_cost_falls_as_fast():
    assert price_decline.years_to_zero_margin(0.3, 0.2, 0.2) == math.inf
    assert price_decline.years_to_zero_margin(0.6, 0.0, 0.25) == math.inf
    assert price_decline.margin_after(0.6, 0.0, 0.25, 2) > 0.6


def test_cloud_goes_first_and_a_higher_start_only_delays():
    cloud = price_decline.years_to_zero_margin(0.30, 0.20, 0.0)
    application = price_decline.years_to_zero_margin(0.60, 0.0, -0.50)
    api = price_decline.years_to_zero_margin(0.85, 0.50, 0.30)
    assert cloud < application < api < math.inf
    assert [round(years, 1) for years in (cloud, application, api)] == [1.6, 2.3, 5.6]
    same_start = price_decline.years_to_zero_margin(0.60, 0.20, 0.0)
    assert cloud < application < same_start < math.inf, "起点相同时，云不是最先归零的"


def test_figure_draws_every_case():
    cases = [case for case, _ in margin_by_year.styles.values()]
    assert sorted(cases) == sorted(price_decline.cases)
    with matplotlib.rc_context():
        svg = margin_by_year.figure()
    for label in ("云", "接口", "应用，用量涨得快", "应用，用量涨得慢"):
        assert f">{label}<" in svg
    fast, slow = (
        price_decline.cases[margin_by_year.styles[f"应用，用量涨得{x}"][0]] for x in "快慢"
    )
    assert price_decline.margin_after(*fast, 3) < 0 < 0.6 < price_decline.margin_after(*slow, 3)


# 训练的钱


def test_pretraining_rent_matches_the_report():
    """报告 §1：预训练 2,664 千卡时，按每小时 2 美元是 532.8 万美元。"""
    text = printed(training_payback)
    assert "266.4 万卡时" in text and "533 万美元" in text


@pytest.mark.parametrize(
    ("revenue", "days"), [(562_027, 11), (562_027 / 2, 27), (280_560, 28), (280_560 / 2, 100)]
)
def test_days_to_recover_pretraining(revenue, days):
    """逐日累加毛利，直到够付 532.8 万美元。"""
    found = training_payback.days_to_recover(5_328_000, revenue, 87_072)
    assert found * (revenue - 87_072) == pytest.approx(5_328_000)
    assert round(found) == days
    assert f"{days} 天收回" in printed(training_payback)


def test_no_recovery_without_daily_profit():
    assert training_payback.days_to_recover(1, 5, 5) == math.inf
    assert training_payback.days_to_recover(1, 4, 5) == math.inf


# 不可能的输入


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: price_decline.margin_after(1, 0.1, 0.1, 1), "margin 必须是小于 1"),
        (lambda: price_decline.margin_after(-math.inf, 0.1, 0.1, 1), "margin 必须是小于 1"),
        (lambda: price_decline.margin_after(0.5, 1, 0.1, 1), "price_decline 必须是小于 1"),
        (lambda: price_decline.margin_after(0.5, 0.1, 1, 1), "cost_decline 必须是小于 1"),
        (lambda: price_decline.margin_after(0.5, 0.1, -math.inf, 1), "cost_decline 必须是小于 1"),
        (lambda: price_decline.margin_after(0.5, -math.inf, 0.1, 1), "price_decline 必须是小于 1"),
        (lambda: price_decline.margin_after(0.5, 0.1, 0.1, -1), "years 必须是非负"),
        (lambda: price_decline.years_to_zero_margin(0, 0.1, 0.0), "margin 必须是有限的正数"),
        (lambda: price_decline.years_to_zero_margin(0.5, math.nan, 0.0), "price_decline 必须"),
        (lambda: price_decline.cost_decline(1, 0), "token_price_decline 必须是小于 1"),
        (lambda: price_decline.cost_decline(-math.inf, 0), "token_price_decline 必须是小于 1"),
        (lambda: price_decline.cost_decline(0.5, -1), "usage_growth 必须是大于 -1"),
        (lambda: price_decline.cost_decline(0.5, math.inf), "usage_growth 必须是大于 -1"),
        (lambda: halved_price.rent_ceiling_usd_per_hour(-1, 1), "revenue_usd 必须是非负"),
        (lambda: halved_price.rent_ceiling_usd_per_hour(1, 0), "gpu_hours 必须是有限的正数"),
        (lambda: training_payback.days_to_recover(-1, 1, 1), "training_usd 必须是非负"),
        (lambda: training_payback.days_to_recover(1, -1, 1), "revenue_usd 必须是非负"),
        (lambda: training_payback.days_to_recover(1, 1, -1), "serving_usd 必须是非负"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=f"^{message}.*收到"):
        call()


def test_edges_are_allowed():
    assert price_decline.margin_after(0.5, 0.1, 0.1, 0) == 0.5
    assert price_decline.margin_after(-3, 0, 0, 4) == -3
    assert price_decline.cost_decline(0, 0) == 0
    assert halved_price.rent_ceiling_usd_per_hour(0, 5) == 0
    assert training_payback.days_to_recover(0, 2, 1) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda x: price_decline.margin_after(0.5, 0.1, 0.1, x),
        lambda x: halved_price.rent_ceiling_usd_per_hour(x, 1),
        lambda x: halved_price.rent_ceiling_usd_per_hour(1, x),
        lambda x: training_payback.days_to_recover(x, 2, 1),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
