import math
from pathlib import Path

import pytest

from business.applications import agent_cost, heavy_users, implied_margins, unit_economics

BOOK_CALLS = [(2_500, 0, 150), (3_200, 2_000, 120), (3_800, 3_200, 200)]
TIERS = {"轻度": (0.6, 20), "中度": (0.3, 200), "重度": (0.1, 3_000)}


def agent_usd(ratio):
    prices = agent_cost.AGENT_USD_PER_MTOK
    return [agent_cost.call_cost_usd(i, h, o, *prices, ratio) for i, h, o in BOOK_CALLS]


def test_agent_cost_matches_the_book():
    """书中表格：第一次 0.0098 美元，三次合计 9,500 / 470 token、0.022 美元。"""
    costs = agent_usd(agent_cost.CACHE_READ_RATIO)
    assert costs[0] == pytest.approx(0.0098, rel=0.006)
    assert sum(costs) == pytest.approx(0.022, rel=0.025)
    assert [sum(call[k] for call in BOOK_CALLS) for k in (0, 2)] == [9_500, 470]


def test_agent_cost_by_hand():
    """把每种 token 先加总再乘单价，与逐次相加相同。"""
    miss, hit, output = 2_500 + 1_200 + 600, 2_000 + 3_200, 470
    assert sum(agent_usd(0.1)) * 1e6 == pytest.approx(miss * 3 + hit * 0.3 + output * 15)
    assert sum(agent_usd(1.0)) * 1e6 == pytest.approx(9_500 * 3 + output * 15)


def test_cache_saves_and_input_outweighs_output():
    assert sum(agent_usd(0.1)) < sum(agent_usd(1.0))
    assert 9_500 * 3 > (4_300 + 520) * 3 > 470 * 15  # 命中的 5,200 个按一成收


def test_printed_cost_shares_count_the_cache_write():
    """按 token 种类手算：写入缓存的是 2,000 和随后的 1,200 个，各多付四分之一的输入价。"""
    text = Path(agent_cost.__file__).with_suffix(".out").read_text(encoding="utf-8")
    cached, plain, output = 4_300 * 3 + 5_200 * 0.3 + 470 * 15, 9_500 * 3 + 470 * 15, 470 * 15
    written = cached + (2_000 + 1_200) * 3 * 0.25
    saved, saved_less_write = 1 - cached / plain, 1 - written / plain
    assert f"缓存省 {saved:.0%}" in text
    assert f"1.25 倍收，省 {saved_less_write:.0%}" in text
    assert f"有缓存 {output / cached:.0%}，没有缓存 {output / plain:.0%}" in text
    assert saved > saved_less_write > 0


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"cached_tokens": 11}, "cached_tokens"),
        ({"cached_tokens": -1}, "cached_tokens"),
        ({"input_tokens": -1}, "input_tokens"),
        ({"output_tokens": -1}, "output_tokens"),
        ({"input_usd_per_mtok": -3}, "input_usd_per_mtok"),
        ({"output_usd_per_mtok": math.nan}, "output_usd_per_mtok"),
        ({"cache_read_ratio": -0.1}, "cache_read_ratio"),
    ],
)
def test_bad_call_is_named(change, argument):
    good = {"input_tokens": 10, "cached_tokens": 0, "output_tokens": 1}
    prices = {"input_usd_per_mtok": 3, "output_usd_per_mtok": 15}
    with pytest.raises(ValueError, match=argument):
        agent_cost.call_cost_usd(**(good | prices | change))


def test_mean_cost_equals_a_head_count():
    """一千个用户一个一个加。"""
    users = [20] * 600 + [200] * 300 + [3_000] * 100
    assert heavy_users.mean_cost_usd(TIERS, 0.022) == pytest.approx(sum(users) * 0.022 / 1_000)


def test_few_heavy_users_take_most_of_the_cost():
    mean = heavy_users.mean_cost_usd(TIERS, 0.022)
    assert 0.1 * 3_000 * 0.022 / mean == pytest.approx(0.81, abs=0.005)
    median_user = 20 * 0.022  # 六成用户是轻度，中位数落在里面
    assert median_user < mean / 10
    assert 3_000 * 0.022 > 20 > 200 * 0.022  # 重度用户亏，其余都赚


def test_break_even_price_is_the_mean_cost():
    mean = heavy_users.mean_cost_usd(TIERS, 0.022)
    assert heavy_users.price_usd(mean) == mean
    price = heavy_users.price_usd(mean, 0.7)
    assert (price - mean) / price == pytest.approx(0.7)


def test_cap_raises_the_margin():
    capped = heavy_users.mean_cost_usd(TIERS | {"重度": (0.1, 500)}, 0.022)
    full = heavy_users.mean_cost_usd(TIERS, 0.022)
    assert [round(100 * (1 - cost / 20)) for cost in (full, capped)] == [59, 87]


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: heavy_users.mean_cost_usd({"a": (0.5, 1)}, 1), "tiers"),
        (lambda: heavy_users.mean_cost_usd({"a": (1.5, 1), "b": (-0.5, 1)}, 1), "tiers"),
        (lambda: heavy_users.mean_cost_usd({"a": (1, -1)}, 1), "tiers"),
        (lambda: heavy_users.mean_cost_usd({"a": (1, 1)}, -1), "usd_per_task"),
        (lambda: heavy_users.price_usd(-1), "mean_cost"),
        (lambda: heavy_users.price_usd(1, 1), "target_margin"),
        (lambda: heavy_users.price_usd(1, -0.1), "target_margin"),
    ],
)
def test_bad_user_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_published_api_margin():
    """文章说约八成；用它印的成本和标价算，是 82.5%。"""
    margin = implied_margins.gross_margin(
        implied_margins.DAVINCI_USD_PER_KTOK, implied_margins.GPT3_COST_USD_PER_KTOK
    )
    assert margin == pytest.approx(0.80, rel=0.04)
    assert round(margin, 3) == 0.825


def test_copilot_lost_twice_its_price():
    """报道：月费 10 美元，平均亏 20 美元；由此得成本 30 美元、毛利率 −200%。"""
    price, (mean_loss, worst_loss) = (
        implied_margins.COPILOT_USD_PER_MONTH,
        implied_margins.COPILOT_LOSS_USD_PER_MONTH,
    )
    assert price + mean_loss == 30
    assert implied_margins.gross_margin(price, price + mean_loss) == -2
    assert implied_margins.gross_margin(price, price + worst_loss) == -8


@pytest.mark.parametrize(("price", "cost", "argument"), [(0, 1, "price_usd"), (1, -1, "cost_usd")])
def test_bad_margin_input_is_named(price, cost, argument):
    with pytest.raises(ValueError, match=argument):
        implied_margins.gross_margin(price, cost)


@pytest.mark.parametrize(("acv", "years", "ltv"), [(2_750, 4.0, 9_319), (1_391, 3.9, None)])
def test_ltv_matches_the_handbook(acv, years, ltv):
    """手册第 14 页：2,750 × 85% × 4.0 年 = 9,319；LTV 也等于寿命内的毛利之和。"""
    found = unit_economics.ltv_usd(acv / 12, 0.85, 1 / (12 * years))
    assert found == pytest.approx(acv * 0.85 * years)
    if ltv:
        assert found == pytest.approx(ltv, rel=0.005)


def test_ltv_sums_what_a_shrinking_cohort_pays():
    """每月流失百分之五的一群客户，逐月毛利加到尽头。"""
    cohort = sum(100 * 0.6 * 0.95**month for month in range(2_000))
    assert unit_economics.ltv_usd(100, 0.6, 0.05) == pytest.approx(cohort)


def test_ltv_and_payback_follow_the_margin():
    high, low = (unit_economics.ltv_usd(2_750 / 12, m, 1 / 48) for m in (0.85, 0.59))
    assert low / high == pytest.approx(0.59 / 0.85)
    fast, slow = (unit_economics.cac_payback_months(3_000, 2_750 / 12, m) for m in (0.85, 0.59))
    assert [round(fast, 1), round(slow, 1)] == [15.4, 22.2]
    assert fast * 2_750 / 12 * 0.85 == pytest.approx(3_000)


@pytest.mark.parametrize("margin", [0, -2])
def test_no_payback_without_margin(margin):
    assert unit_economics.cac_payback_months(3_000, 200, margin) == math.inf


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: unit_economics.ltv_usd(0, 0.8, 0.1), "arpa_usd_per_month"),
        (lambda: unit_economics.ltv_usd(10, 1.2, 0.1), "gross_margin"),
        (lambda: unit_economics.ltv_usd(10, 0.8, 0), "monthly_churn"),
        (lambda: unit_economics.ltv_usd(10, 0.8, 1.5), "monthly_churn"),
        (lambda: unit_economics.cac_payback_months(-1, 10, 0.8), "cac_usd"),
        (lambda: unit_economics.cac_payback_months(10, -1, 0.8), "arpa_usd_per_month"),
        (lambda: unit_economics.cac_payback_months(10, 1, math.nan), "gross_margin"),
    ],
)
def test_bad_unit_economics_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_edges_are_allowed():
    """全部命中、免费、零任务、毛利率恰为一、一个月全流失，都是合法的输入。"""
    assert agent_cost.call_cost_usd(10, 10, 0, 1, 0, 0) == 0
    assert heavy_users.mean_cost_usd({"甲": (1, 0), "乙": (0, 5)}, 1) == 0
    assert heavy_users.mean_cost_usd({"甲": (1, 0.5)}, 0) == 0
    assert heavy_users.mean_cost_usd({"甲": (0.7, 1), "乙": (0.2, 1), "丙": (0.1, 1)}, 1) == (
        pytest.approx(1)
    )
    assert heavy_users.price_usd(0) == 0
    assert implied_margins.gross_margin(0.5, 0) == 1
    assert unit_economics.ltv_usd(0.5, 1, 1) == 0.5


@pytest.mark.parametrize(
    "call",
    [
        lambda x: agent_cost.call_cost_usd(10, 0, 1, x, 1),
        lambda x: heavy_users.mean_cost_usd({"甲": (1, 1)}, x),
        lambda x: heavy_users.mean_cost_usd({"甲": (1, x)}, 1),
        lambda x: heavy_users.price_usd(x),
        lambda x: implied_margins.gross_margin(x, 1),
        lambda x: implied_margins.gross_margin(1, x),
        lambda x: unit_economics.ltv_usd(x, 0.5, 0.1),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
