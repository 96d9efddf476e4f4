import math
import re
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.applications import (
    agent_cost,
    free_users,
    heavy_users,
    implied_margins,
    margin_by_segment,
    monthly_cogs,
    pricing,
    realised_margin,
    unit_economics,
    what_if,
)
from business.inference.margin import gross_margin, margin_from_markup, markup, markup_from_margin

BOOK_CALLS = [(2_500, 0, 150), (3_200, 2_000, 120), (3_800, 3_200, 200)]
SEGMENTS = {"轻度": (0.6, 20), "中度": (0.3, 200), "重度": (0.1, 3_000)}
USERS = [20] * 600 + [200] * 300 + [3_000] * 100  # 一千个用户，一个一个数

usd = st.floats(0.01, 1_000)
tokens = st.floats(0, 1e6)
share = st.floats(0.01, 0.99)


def printed(module) -> str:
    return Path(module.__file__).with_suffix(".out").read_text(encoding="utf-8")


# 一次调用、一个任务、一个月


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


def test_printed_cost_shares_count_the_cache_write():
    """按 token 种类手算：写入缓存的是 2,000 和随后的 1,200 个，各多付四分之一的输入价。"""
    text = printed(agent_cost)
    cached, plain, output = 4_300 * 3 + 5_200 * 0.3 + 470 * 15, 9_500 * 3 + 470 * 15, 470 * 15
    written = cached + (2_000 + 1_200) * 3 * 0.25
    saved, saved_less_write = 1 - cached / plain, 1 - written / plain
    assert f"缓存省 {saved:.0%}" in text
    assert f"1.25 倍收，省 {saved_less_write:.0%}" in text
    assert f"有缓存 {output / cached:.0%}，没有缓存 {output / plain:.0%}" in text
    assert saved > saved_less_write > 0
    assert output / plain < output / cached < 0.5, "输入才是大头"


@given(tokens, st.floats(0, 1), tokens, usd, usd, st.floats(0, 1))
def test_caching_never_costs_more(inputs, hit, output, price_in, price_out, ratio):
    call = (inputs, inputs * hit, output, price_in, price_out)
    cached, plain = agent_cost.call_cost_usd(*call, ratio), agent_cost.call_cost_usd(*call)
    assert cached <= plain * (1 + 1e-12)
    saving = inputs * hit / 1e6 * price_in * (1 - ratio)
    assert plain - cached == pytest.approx(saving, abs=1e-9 * max(1, plain))


@given(st.floats(0, 1e5), tokens, tokens, usd, usd, st.floats(0, 4))
def test_a_month_scales_with_calls_and_with_prices(calls, inputs, output, price_in, price_out, k):
    month = monthly_cogs.monthly_cogs_usd(calls, inputs, 0, output, price_in, price_out)
    used = monthly_cogs.monthly_cogs_usd(k * calls, inputs, 0, output, price_in, price_out)
    priced = monthly_cogs.monthly_cogs_usd(calls, inputs, 0, output, k * price_in, k * price_out)
    assert used == pytest.approx(k * month) == pytest.approx(priced)


def test_a_month_is_the_sum_of_its_calls():
    month = monthly_cogs.monthly_cogs_usd(600, 4_000, 3_000, 400, 3, 15, 0.1)
    assert month == pytest.approx(600 * (1_000 * 3 + 3_000 * 0.3 + 400 * 15) / 1e6)


def test_printed_savings_and_their_order():
    """手算每一项改动之后的比例；正文说小模型最省，其次输出，再次未命中的输入。"""
    base = 1_000 * 3 + 3_000 * 0.3 + 400 * 15
    changed = {
        "用量加倍": 2.0,
        "token 降价 50%": 0.5,
        "用量加倍，同时降价 50%": 1.0,
        "没有缓存": (4_000 * 3 + 400 * 15) / base,
        "未命中的输入减半": (500 * 3 + 3_000 * 0.3 + 400 * 15) / base,
        "输出减半": (1_000 * 3 + 3_000 * 0.3 + 200 * 15) / base,
        "80% 的调用换成价格 1/10 的小模型": 0.2 + 0.8 / 10,
    }
    text = printed(monthly_cogs)
    for change, ratio in changed.items():
        assert re.search(rf"^{change}：.*，\{ratio - 1:+.0%}$", text, flags=re.M), change
    small_model = changed["80% 的调用换成价格 1/10 的小模型"]
    assert small_model < changed["输出减半"] < changed["未命中的输入减半"] < 1


# 重度用户与盈亏线


def test_mean_cost_equals_a_head_count():
    assert heavy_users.segments == SEGMENTS
    assert heavy_users.mean_cost_usd(SEGMENTS, 0.022) == pytest.approx(sum(USERS) * 0.022 / 1_000)


def test_few_heavy_users_take_most_of_the_cost():
    mean = heavy_users.mean_cost_usd(SEGMENTS, 0.022)
    assert sum(USERS[900:]) / sum(USERS) == pytest.approx(0.81, abs=0.005)
    median_user = USERS[500] * 0.022
    assert median_user < mean / 10
    assert 3_000 * 0.022 > 20 > 200 * 0.022  # 重度用户亏，其余都赚


def test_break_even_price_is_the_mean_cost():
    mean = heavy_users.mean_cost_usd(SEGMENTS, 0.022)
    assert heavy_users.break_even_price_usd(mean) == mean == pytest.approx(8.184)
    assert heavy_users.break_even_tasks(20, 0.022) == pytest.approx(909, abs=0.5)


def test_cap_raises_the_margin():
    capped = heavy_users.mean_cost_usd(SEGMENTS | {"重度": (0.1, 500)}, 0.022)
    full = heavy_users.mean_cost_usd(SEGMENTS, 0.022)
    assert [round(100 * (1 - cost / 20)) for cost in (full, capped)] == [59, 87]


@given(usd, st.floats(0, 0.99))
def test_the_break_even_price_gives_the_target_margin(cost, target):
    price = heavy_users.break_even_price_usd(cost, target)
    assert gross_margin(price, cost) == pytest.approx(target, abs=1e-9)
    assert gross_margin(price * 0.99, cost) < gross_margin(price, cost)


@given(usd, usd)
def test_the_margin_is_zero_at_the_break_even_tasks(fee, usd_per_task):
    tasks = heavy_users.break_even_tasks(fee, usd_per_task)
    assert gross_margin(fee, tasks * usd_per_task) == pytest.approx(0, abs=1e-9)


@given(usd, usd, share)
def test_a_blend_lies_between_its_parts(light, heavy, heavy_share):
    blend = heavy_users.blended_cost_usd(light, heavy, heavy_share)
    assert min(light, heavy) * (1 - 1e-9) <= blend <= max(light, heavy) * (1 + 1e-9)
    assert blend - light == pytest.approx((heavy - light) * heavy_share, abs=1e-9)


@given(st.floats(0.01, 1_000), st.floats(1, 10))
def test_heavier_usage_never_raises_a_flat_margin(usd_per_task, more):
    heavier = SEGMENTS | {"重度": (0.1, 3_000 * more)}
    before, after = (heavy_users.mean_cost_usd(s, usd_per_task) for s in (SEGMENTS, heavier))
    assert gross_margin(20, after) <= gross_margin(20, before)


@given(usd, st.floats(0, 1_000))
def test_margin_and_markup_convert_into_each_other(price, cost):
    margin = gross_margin(price, cost)
    assert margin <= 1
    if cost > 0.01:
        assert margin_from_markup(markup(price, cost)) == pytest.approx(margin)
        assert markup_from_margin(margin) == pytest.approx(markup(price, cost))


# 三种收费


def test_a_bill_by_hand():
    assert pricing.monthly_bill_usd(400, 20, 500, 0.03) == 20  # 没用完额度
    assert pricing.monthly_bill_usd(3_000, 20, 500, 0.03) == pytest.approx(20 + 2_500 * 0.03)
    assert pricing.monthly_bill_usd(1e6, 20, 0, 0) == 20  # 包月
    assert pricing.monthly_bill_usd(7, 0, 0, 0.5) == 3.5  # 按量


def head_count(users, fee, included, extra):
    """一百个用户的收入和毛利，逐人相加。"""
    revenue = sum(fee + extra * (n - included if n > included else 0) for n in users) / 10
    return revenue, revenue - sum(users) * 0.022 / 10


@pytest.mark.parametrize(
    ("plan", "revenue", "margin", "doubled", "gone"),
    [
        ("包月", 2_000, 0.59, -0.56, 0.39),
        ("按量", 2_000, 0.59, 0.81, -0.81),
        ("含额度", 2_750, 0.70, 0.12, -0.15),
    ],
)
def test_same_users_three_plans(plan, revenue, margin, doubled, gone):
    """正文的每个百分比都逐人重算一遍；按量的单价使总收入与包月相同。"""
    terms = {
        "包月": (20, 0, 0),
        "按量": (0, 0, 20 * len(USERS) / sum(USERS)),
        "含额度": (20, 500, 0.03),
    }[plan]
    assert pricing.plans[plan] == pytest.approx(terms)
    now, profit = head_count(USERS, *terms)
    assert pricing.account_usd(SEGMENTS, terms) == pytest.approx((now, now - profit))
    assert now == pytest.approx(revenue)
    assert profit / now == pytest.approx(margin, abs=0.005)
    heavier = USERS[:900] + [6_000] * 100
    changes = [head_count(users, *terms)[1] / profit - 1 for users in (heavier, USERS[:900])]
    assert changes == pytest.approx([doubled, gone], abs=0.005)
    text = printed(pricing).split(f"{plan}，100 个用户")[1].split("个用户：收入")[0]
    assert re.findall(r"美元，([+-]\d+%)", text) == [f"{change:+.0%}" for change in changes]


def test_metered_revenue_comes_from_the_few():
    """按量时，占六成的轻度用户只付总收入的很小一部分。"""
    bills = [pricing.monthly_bill_usd(n, *pricing.plans["按量"]) for n in USERS]
    assert sum(bills[:600]) < 0.05 * sum(bills)


@given(usd, st.floats(0.001, 10), st.floats(0, 1), st.floats(1, 10), st.floats(0, 1e6))
def test_a_quota_under_break_even_loses_on_nobody(fee, usd_per_task, quota, markup_ratio, tasks):
    """额度不超过月费 ÷ 成本，超出的单价不低于成本：任何用量的账单都不低于成本。"""
    included = quota * heavy_users.break_even_tasks(fee, usd_per_task)
    bill = pricing.monthly_bill_usd(tasks, fee, included, usd_per_task * markup_ratio)
    assert bill >= tasks * usd_per_task * (1 - 1e-9)


@pytest.mark.parametrize(("included", "extra"), [(1_000, 0.03), (500, 0.02)])
def test_either_condition_broken_loses_on_someone(included, extra):
    """额度超过 909，或者超出的单价低于 0.022，就有用户亏。"""
    bills = {n: pricing.monthly_bill_usd(n, 20, included, extra) for n in (1_000, 100_000)}
    assert any(bill < n * 0.022 for n, bill in bills.items())


@given(st.floats(0, 1e5), st.floats(0, 1e4), usd, st.floats(0, 1e4), st.floats(0, 10))
def test_nobody_pays_less_for_using_more(tasks, more, fee, included, extra):
    bills = [pricing.monthly_bill_usd(n, fee, included, extra) for n in (tasks, tasks + more)]
    assert fee <= bills[0] <= bills[1]


def test_figure_shows_the_plans_and_where_flat_breaks_even():
    margin = margin_by_segment.margin_percent
    flat, metered, hybrid = (pricing.plans[plan] for plan in ("包月", "按量", "含额度"))
    assert margin(909.1, flat) == pytest.approx(0, abs=0.01)
    assert margin(3_000, flat) == pytest.approx(-230)
    assert margin(10, metered) == pytest.approx(margin(5_000, metered)) == pytest.approx(59.08)
    assert min(margin(n, hybrid) for n in range(10, 5_000, 10)) > 0
    with matplotlib.rc_context():
        svg = margin_by_segment.figure()
    for label in ("包月", "按量", "含额度", "轻度", "中度", "重度", "909 个任务，盈亏平衡"):
        assert f">{label}<" in svg


# 免费用户与实收


def test_chatgpt_pays_for_seventeen():
    """9 亿每周活跃、5,000 万付费：其余 8.5 亿人除以 5,000 万。"""
    weekly, paying = free_users.CHATGPT_WEEKLY_10K, free_users.CHATGPT_PAYING_10K
    assert free_users.free_cost_per_paying_usd(1, paying / weekly) == pytest.approx(85_000 / 5_000)


@given(usd, st.integers(1, 1_000), st.integers(0, 10_000))
def test_free_cost_is_the_whole_bill_over_the_payers(cost, paying, free):
    """逐人数：全部免费用户的账单，除以付费人数。"""
    conversion = paying / (paying + free)
    found = free_users.free_cost_per_paying_usd(cost, conversion)
    assert found == pytest.approx(cost * free / paying, abs=1e-9 * cost)


@given(usd, share, st.floats(0.01, 0.99))
def test_a_lower_conversion_costs_each_payer_more(cost, conversion, less):
    low, high = (
        free_users.free_cost_per_paying_usd(cost, c) for c in (conversion * less, conversion)
    )
    assert low > high


def test_free_users_on_the_same_model_can_eat_the_fee():
    assert free_users.free_cost_per_paying_usd(20 * 0.022, 0.02) > 20
    assert free_users.free_cost_per_paying_usd(20 * 0.022 / 10, 0.02) / 20 == pytest.approx(
        0.11, abs=0.005
    )


def test_realised_margin_step_by_step():
    """八折、再抽 15%，是 20 × 0.8 × 0.85；免费用户每人 0.044 美元，一个人背 19 个。"""
    price, model, free = 20 * 0.8 * 0.85, 8.184, 0.044 * 19
    steps = [(20, model), (16, model), (price, model), (price, model + free)]
    margins = [1 - cost / price for price, cost in [*steps, (price, model + free + 2)]]
    found = re.findall(r"毛利率 (\d+)%", printed(realised_margin))
    assert found == [f"{100 * margin:.0f}" for margin in margins] == ["59", "49", "40", "34", "19"]
    assert realised_margin.realised_usd == pytest.approx(price)
    assert realised_margin.full_cost_usd == pytest.approx(model + free + 2)


def test_true_break_even_list_price_is_about_double():
    """按印出的盈亏标价卖，扣掉折扣和抽成正好够付全部成本；比只算模型费高将近一倍。"""
    shown = re.findall(r"([\d.]+) 美元", printed(realised_margin).splitlines()[-1])
    naive, full = map(float, shown)
    assert realised_margin.realised_price_usd(full, 0.20, 0.15) == pytest.approx(
        realised_margin.full_cost_usd, abs=0.005
    )
    assert 1.9 < full / naive < 2


@given(usd, st.floats(0, 0.99), st.floats(0, 0.99))
def test_realised_price_never_exceeds_the_list(price, discount, fee):
    realised = realised_margin.realised_price_usd(price, discount, fee)
    assert 0 < realised <= price
    swapped = realised_margin.realised_price_usd(price, fee, discount)
    assert realised == pytest.approx(swapped)


def test_a_full_credit_at_list_price_leaves_no_margin():
    """Cursor 的套餐：月费 20 美元，含 20 美元按标价计的用量。"""
    facts = Path(__file__).parents[2] / "docs/appendix/facts.md"
    row = re.search(r"`CURSOR_PLAN_USD`.*?\| (\d+)；(\d+) \|", facts.read_text(encoding="utf-8"))
    fee, included = map(float, row.groups())
    assert gross_margin(fee, included) == 0


# 公开的毛利率


def test_published_api_margin():
    """文章说约八成；用它印的成本和标价算，是 82.5%。"""
    price, cost = implied_margins.DAVINCI_USD_PER_KTOK, implied_margins.GPT3_COST_USD_PER_KTOK
    margin = gross_margin(price, cost)
    assert margin == pytest.approx(0.80, rel=0.04)
    assert round(margin, 3) == 0.825
    assert "毛利率 82.5%" in printed(implied_margins)


def test_copilot_lost_twice_its_price():
    """报道：月费 10 美元，平均亏 20、最重亏 80 美元；由此得成本 30、毛利率 −200% 与 −800%。"""
    assert implied_margins.COPILOT_USD_PER_MONTH == 10
    assert implied_margins.COPILOT_LOSS_USD_PER_MONTH == (20, 80)
    text = printed(implied_margins)
    assert "平均用户成本 30 美元，毛利率 -200%" in text
    assert "最重的用户成本 90 美元，毛利率 -800%" in text


# LTV 与回收期


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


@given(usd, share, share, st.floats(0.01, 1))
def test_ltv_is_proportional_to_the_margin_and_payback_inversely(arpa, margin, churn, k):
    ltv = unit_economics.ltv_usd(arpa, margin, churn)
    assert unit_economics.ltv_usd(arpa, k * margin, churn) == pytest.approx(k * ltv)
    months = unit_economics.cac_payback_months(100, arpa, margin)
    assert unit_economics.cac_payback_months(100, arpa, k * margin) == pytest.approx(months / k)
    assert months * arpa * margin == pytest.approx(100)


@given(usd, usd, share, share)
def test_a_customer_pays_back_before_leaving_only_if_ltv_covers_cac(cac, arpa, margin, churn):
    ltv = unit_economics.ltv_usd(arpa, margin, churn)
    months = unit_economics.cac_payback_months(cac, arpa, margin)
    assert ltv / cac == pytest.approx(1 / churn / months)


def test_printed_margins_come_from_the_subscription():
    """59% 与 19% 是同页两段输出里的毛利率；全算上之后，收回要 68.9 个月，客户 48 个月就走。"""
    text = printed(unit_economics)
    assert re.findall(r"毛利率 (\d+)%", text) == ["85", "59", "19"]
    assert "毛利率 59%" in printed(heavy_users) and "毛利率 19%" in printed(realised_margin)
    for margin, months in ((0.85, 15.4), (0.59, 22.2), (0.19, 68.9)):
        assert 3_000 / (2_750 / 12 * margin) == pytest.approx(months, abs=0.05)
        assert f"{months} 个月收回" in text
    assert "寿命 48 个月" in text
    assert "LTV 6,490 美元" in text


@pytest.mark.parametrize("margin", [0, -2])
def test_no_payback_without_margin(margin):
    assert unit_economics.cac_payback_months(3_000, 200, margin) == math.inf


# 用量翻倍，token 降价


def test_what_if_by_hand():
    """逐年把月费和成本乘下去，与印出的两年后毛利率相同；用量翻倍与降价一半恰好抵消。"""
    text = printed(what_if)
    assert what_if.fee_usd == 20
    assert f"毛利率 {1 - 2 * 8.184 / 20:.0%}" in text
    assert f"毛利率 {1 - 8.184 / 2 / 20:.0%}" in text
    rows = re.findall(r"用量年增 (\d+)%，月费年降 (\d+)%：(-?\d+)%", text)
    assert len(rows) == 6
    for growth, fee_decline, margin in rows:
        fee, cost = 20.0, 8.184
        for _ in range(2):
            fee *= 1 - int(fee_decline) / 100
            cost *= 0.5 * (1 + int(growth) / 100)
        assert round(100 * (1 - cost / fee)) == int(margin)
    assert ("100", "0", "59") in rows


# 不可能的输入


def call_cost(**change):
    good = {"input_tokens": 10, "cached_tokens": 0, "output_tokens": 1}
    prices = {"input_usd_per_mtok": 3, "output_usd_per_mtok": 15}
    return agent_cost.call_cost_usd(**(good | prices | change))


@pytest.mark.parametrize(
    "change",
    [
        {"cached_tokens": 11},
        {"cached_tokens": -1},
        {"input_tokens": -1},
        {"output_tokens": -1},
        {"input_usd_per_mtok": -3},
        {"output_usd_per_mtok": math.nan},
        {"cache_read_ratio": -0.1},
    ],
)
def test_bad_call_is_named(change):
    with pytest.raises(ValueError, match=f"^{next(iter(change))} (必须|不能).*收到"):
        call_cost(**change)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: monthly_cogs.monthly_cogs_usd(-1, 1, 0, 1, 1, 1), "calls_per_month 必须是非负"),
        (lambda: heavy_users.mean_cost_usd({"a": (0.5, 1)}, 1), "segments 的人数比例之和必须是 1"),
        (lambda: heavy_users.mean_cost_usd({"a": (1.5, 1)}, 1), "share 必须大于 0 且不超过 1"),
        (lambda: heavy_users.mean_cost_usd({"a": (1, -1)}, 1), "heavy_cost_usd 必须是非负"),
        (lambda: heavy_users.blended_cost_usd(-1, 1, 0.5), "light_cost_usd 必须是非负"),
        (lambda: heavy_users.blended_cost_usd(1, 1, 1.1), "heavy_share 必须在 0 到 1 之间"),
        (lambda: heavy_users.blended_cost_usd(1, 1, -0.1), "heavy_share 必须在 0 到 1 之间"),
        (lambda: heavy_users.break_even_price_usd(-1), "cost_usd 必须是非负"),
        (lambda: heavy_users.break_even_price_usd(1, 1), "target_margin 必须不小于 0 且小于 1"),
        (lambda: heavy_users.break_even_price_usd(1, -0.1), "target_margin 必须不小于 0"),
        (lambda: heavy_users.break_even_tasks(-1, 1), "fee_usd 必须是非负"),
        (lambda: heavy_users.break_even_tasks(1, 0), "usd_per_task 必须是有限的正数"),
        (lambda: pricing.monthly_bill_usd(-1, 1, 1, 1), "tasks 必须是非负"),
        (lambda: pricing.monthly_bill_usd(1, -1, 1, 1), "fee_usd 必须是非负"),
        (lambda: pricing.monthly_bill_usd(1, 1, -1, 1), "included_tasks 必须是非负"),
        (lambda: pricing.monthly_bill_usd(1, 1, 1, -1), "usd_per_extra_task 必须是非负"),
        (lambda: free_users.free_cost_per_paying_usd(-1, 0.1), "free_cost_usd 必须是非负"),
        (lambda: free_users.free_cost_per_paying_usd(1, 0), "conversion 必须大于 0 且不超过 1"),
        (lambda: free_users.free_cost_per_paying_usd(1, 1.1), "conversion 必须大于 0 且不超过 1"),
        (lambda: realised_margin.realised_price_usd(-1, 0, 0), "list_usd 必须是非负"),
        (lambda: realised_margin.realised_price_usd(1, 1, 0), "discount 和 channel_fee 必须小于 1"),
        (lambda: realised_margin.realised_price_usd(1, 0, 1), "discount 和 channel_fee 必须小于 1"),
        (lambda: realised_margin.realised_price_usd(1, -0.1, 0), "discount 必须是非负"),
        (lambda: realised_margin.realised_price_usd(1, 0, -0.1), "channel_fee 必须是非负"),
        (lambda: unit_economics.ltv_usd(0, 0.8, 0.1), "arpa_usd_per_month 必须是有限的正数"),
        (lambda: unit_economics.ltv_usd(10, 1.2, 0.1), "gross_margin 必须是不大于 1 的有限数"),
        (lambda: unit_economics.ltv_usd(10, -math.inf, 0.1), "gross_margin 必须是不大于 1"),
        (lambda: unit_economics.ltv_usd(10, 0.8, 0), "monthly_churn 必须大于 0 且不超过 1"),
        (lambda: unit_economics.ltv_usd(10, 0.8, 1.5), "monthly_churn 必须大于 0 且不超过 1"),
        (lambda: unit_economics.cac_payback_months(-1, 10, 0.8), "cac_usd 必须是有限的正数"),
        (lambda: unit_economics.cac_payback_months(10, -1, 0.8), "arpa_usd_per_month 必须"),
        (lambda: unit_economics.cac_payback_months(10, 1, math.nan), "gross_margin 必须"),
        (lambda: unit_economics.cac_payback_months(10, 1, 1.1), "gross_margin 必须"),
        (lambda: unit_economics.cac_payback_months(10, 1, -math.inf), "gross_margin 必须"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        call()


def test_edges_are_allowed():
    """全部命中、免费、零任务、毛利率恰为一、一个月全流失，都是合法的输入。"""
    assert agent_cost.call_cost_usd(10, 10, 0, 1, 0, 0) == 0
    assert heavy_users.mean_cost_usd({"甲": (1, 0.5)}, 0) == 0
    assert heavy_users.mean_cost_usd({"甲": (0.7, 1), "乙": (0.2, 1), "丙": (0.1, 1)}, 1) == (
        pytest.approx(1)
    )
    assert heavy_users.blended_cost_usd(2, 6, 0) == 2
    assert heavy_users.blended_cost_usd(2, 6, 1) == 6
    assert heavy_users.break_even_price_usd(0) == heavy_users.break_even_tasks(0, 1) == 0
    assert pricing.monthly_bill_usd(0, 0, 0, 0) == 0
    assert free_users.free_cost_per_paying_usd(5, 1) == 0
    assert realised_margin.realised_price_usd(5, 0, 0) == 5
    assert unit_economics.ltv_usd(0.5, 1, 1) == 0.5
    assert unit_economics.cac_payback_months(10, 2, 1) == 5


@pytest.mark.parametrize(
    "call",
    [
        lambda x: agent_cost.call_cost_usd(10, 0, 1, x, 1),
        lambda x: monthly_cogs.monthly_cogs_usd(x, 10, 0, 1, 1, 1),
        lambda x: heavy_users.mean_cost_usd({"甲": (1, 1)}, x),
        lambda x: heavy_users.mean_cost_usd({"甲": (1, x)}, 1),
        lambda x: heavy_users.break_even_price_usd(x),
        lambda x: heavy_users.break_even_price_usd(1, x),
        lambda x: heavy_users.break_even_tasks(x, 1),
        lambda x: pricing.monthly_bill_usd(x, 1, 1, 1),
        lambda x: free_users.free_cost_per_paying_usd(x, 0.5),
        lambda x: realised_margin.realised_price_usd(x, 0, 0),
        lambda x: unit_economics.ltv_usd(x, 0.5, 0.1),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
