import math
import re

import matplotlib
import pytest

from business.cloud import cash_cost, cost_by_utilisation, gpu_hour, margins, payback

CAPEX, CASH = 50_000, 0.50


@pytest.mark.parametrize(("life", "usd"), [(3, 3.00), (4, 2.41), (5, 2.05), (6, 1.81)])
def test_cost_by_life(life, usd):
    """本站推算的四个数，另用整数小时算一遍。"""
    cost = gpu_hour.cost_usd_per_gpu_hour(CAPEX, life, CASH, 0.8)
    assert round(cost, 2) == usd
    owned_hours = life * 365 * 24
    assert cost == pytest.approx((CAPEX + CASH * owned_hours) / (0.8 * owned_hours))


def test_life_moves_cost_more_than_electricity_does():
    cost = [gpu_hour.cost_usd_per_gpu_hour(CAPEX, life, CASH, 0.8) for life in (4, 6)]
    assert cost[0] / cost[1] - 1 == pytest.approx(0.33, abs=0.005)
    electricity = cash_cost.electricity_usd_per_hour(10.2 / 8, 1.25, 0.08)
    doubled = gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH + electricity, 0.8)
    assert 1 < doubled / gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH, 0.8) < 1.10


def test_interest_is_charged_on_the_mean_book_value():
    """逐年的账面价值从买价直线降到残值，逐小时累加利息，与公式相同。"""
    capex, life, residual, rate = 50_000, 5, 0.2, 0.10
    hours = life * 8_760
    book = [capex - (capex * (1 - residual)) * (h + 0.5) / hours for h in range(hours)]
    interest = sum(book) * rate / 8_760 / hours
    depreciation = capex * (1 - residual) / hours
    assert gpu_hour.cost_usd_per_gpu_hour(capex, life, CASH, 0.5, residual, rate) == pytest.approx(
        (interest + depreciation + CASH) / 0.5
    )


def test_ten_percent_interest_costs_as_much_as_one_year_of_life():
    borrowed = gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH, 0.8, interest_rate=0.10)
    assert borrowed == pytest.approx(gpu_hour.cost_usd_per_gpu_hour(CAPEX, 4, CASH, 0.8), rel=0.001)


def test_full_residual_leaves_no_depreciation():
    assert gpu_hour.cost_usd_per_gpu_hour(CAPEX, 3, CASH, 1, residual=1) == CASH


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"utilisation": 0}, "utilisation"),
        ({"utilisation": 1.01}, "utilisation"),
        ({"utilisation": math.nan}, "utilisation"),
        ({"life_years": 0}, "life_years"),
        ({"capex_usd": -1}, "capex_usd"),
        ({"cash_usd_per_hour": -0.1}, "cash_usd_per_hour"),
        ({"residual": 1.5}, "residual"),
        ({"interest_rate": -0.01}, "interest_rate"),
    ],
)
def test_bad_cost_input_is_named(change, argument):
    good = {"capex_usd": CAPEX, "life_years": 5, "cash_usd_per_hour": CASH, "utilisation": 0.8}
    with pytest.raises(ValueError, match=argument):
        gpu_hour.cost_usd_per_gpu_hour(**(good | change))


def test_cash_cost_of_a_hundred_kilowatts_for_a_month():
    """100 kW、PUE 1.5、0.1 美元/kWh 开 730 小时：电费 10,950 美元；租金每 kW 100 美元是 10,000。"""
    assert cash_cost.electricity_usd_per_hour(100, 1.5, 0.1) * 730 == pytest.approx(10_950)
    assert cash_cost.colocation_usd_per_hour(100, 100) * 730 == pytest.approx(10_000)


def test_electricity_is_less_than_the_rent():
    electricity = cash_cost.electricity_usd_per_hour(10.2 / 8, 1.25, 0.08)
    assert electricity < cash_cost.colocation_usd_per_hour(10.2 / 8, 120)


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: cash_cost.electricity_usd_per_hour(1, 0.9, 0.08), "pue"),
        (lambda: cash_cost.electricity_usd_per_hour(-1, 1.2, 0.08), "kw"),
        (lambda: cash_cost.electricity_usd_per_hour(1, 1.2, -0.08), "usd_per_kwh"),
        (lambda: cash_cost.colocation_usd_per_hour(1, -5), "usd_per_kw_month"),
        (lambda: cash_cost.colocation_usd_per_hour(-1, 5), "kw"),
    ],
)
def test_bad_cash_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


@pytest.mark.parametrize(
    ("price", "used", "years"), [(3.00, 0.8, 3.0), (3.00, 0.6, 4.4), (2.00, 0.8, 5.2)]
)
def test_payback(price, used, years):
    """本站推算的三个数；净现金乘以年数正好是买价。"""
    found = payback.payback_years(CAPEX, price, used, CASH)
    assert round(found, 1) == years
    assert (price * used - CASH) * 8_760 * found == pytest.approx(CAPEX)


def test_no_payback_when_sales_do_not_cover_cash():
    assert payback.payback_years(CAPEX, 1.00, 0.5, CASH) == math.inf


@pytest.mark.parametrize("price", [2.00, 2.95])
def test_at_break_even_utilisation_cost_equals_price(price):
    used = payback.break_even_utilisation(CAPEX, price, 5, CASH)
    assert gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH, used) == pytest.approx(price)


def test_margin_is_one_minus_the_ratio_of_utilisations():
    floor = payback.break_even_utilisation(CAPEX, 2.95, 5, CASH)
    cost = gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH, 0.8)
    assert 1 - floor / 0.8 == pytest.approx(1 - cost / 2.95)
    assert round(1 - floor / 0.8, 3) == 0.304


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: payback.payback_years(CAPEX, 3, 0, CASH), "utilisation"),
        (lambda: payback.payback_years(CAPEX, 3, 2, CASH), "utilisation"),
        (lambda: payback.payback_years(CAPEX, -3, 0.5, CASH), "price_usd_per_hour"),
        (lambda: payback.payback_years(-1, 3, 0.5, CASH), "capex_usd"),
        (lambda: payback.payback_years(CAPEX, 3, 0.5, -1), "cash_usd_per_hour"),
        (lambda: payback.break_even_utilisation(CAPEX, 0, 5, CASH), "price_usd_per_hour"),
        (lambda: payback.break_even_utilisation(CAPEX, 3, 0, CASH), "life_years"),
        (lambda: payback.break_even_utilisation(CAPEX, 3, 5, -1), "cash_usd_per_hour"),
    ],
)
def test_bad_payback_input_is_named(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()


def test_quarter_margins_match_the_press_release():
    """公告把第二季度的营业利润率印成 2%，调整后 EBITDA 利润率印成 62%。"""
    revenue, operating, ebitda, interest = margins.COREWEAVE_Q2_2025_KUSD
    assert round(100 * margins.share_of_revenue(operating, revenue)) == 2
    assert round(100 * margins.share_of_revenue(ebitda, revenue)) == 62
    assert revenue - operating == 1_193_579  # 公告印的营业费用


def test_half_year_costs_add_up_to_the_filing():
    """10-Q 的营业费用合计 2,202,681，营业亏损 8,261（千美元）。"""
    revenue, *costs, interest = margins.COREWEAVE_H1_2025_KUSD
    assert sum(costs) == 2_202_681
    assert revenue - sum(costs) == -8_261


def test_margin_falls_from_three_quarters_to_a_loss():
    revenue, *costs = margins.COREWEAVE_H1_2025_KUSD
    after = margins.margins_after(revenue, costs)
    assert [round(100 * m, 1) for m in after[:2]] == [73.8, 17.7]
    assert after[-2] < 0 and after[-1] < after[-2]
    assert after[-1] == pytest.approx((revenue - sum(costs)) / revenue)


@pytest.mark.parametrize("revenue", [0, -1])
def test_margin_needs_positive_revenue(revenue):
    with pytest.raises(ValueError, match="revenue"):
        margins.share_of_revenue(1, revenue)


def test_margin_rejects_negative_costs():
    with pytest.raises(ValueError, match="costs"):
        margins.margins_after(10, [1, -1])


def test_figure_draws_the_published_formula():
    for life in (3, 4, 5, 6):
        for used in (0.3, 0.55, 1.0):
            assert cost_by_utilisation.cost_usd_per_gpu_hour(used, life) == pytest.approx(
                gpu_hour.cost_usd_per_gpu_hour(CAPEX, life, CASH, used)
            )
    with matplotlib.rc_context():
        svg = cost_by_utilisation.figure()
    assert re.findall(r"寿命 (\d) 年", svg) == ["3", "4", "5", "6"]
    assert [svg.count(c) > 0 for c in ("#1e88e5", "#e65100", "#43a047", "#ab47bc")] == [True] * 4


def test_edges_are_allowed():
    """PUE 恰为一、电费租金为零、利用率恰为一，都是合法的输入。"""
    assert cash_cost.electricity_usd_per_hour(2, 1, 0.1) == pytest.approx(0.2)
    assert cash_cost.electricity_usd_per_hour(0, 1.2, 0) == 0
    assert cash_cost.colocation_usd_per_hour(0, 0) == 0
    assert payback.payback_years(0, 3, 1, 0) == 0
    assert payback.payback_years(8_760, 1, 0.75, 0.25) == 2
    assert payback.break_even_utilisation(0, 0.5, 0.5, 0) == 0
    assert gpu_hour.cost_usd_per_gpu_hour(0, 0.5, 0, 1) == 0
    assert margins.margins_after(0.5, [0, 0.5]) == [1, 0]


@pytest.mark.parametrize(
    "call",
    [
        lambda x: cash_cost.electricity_usd_per_hour(1, x, 0.1),
        lambda x: cash_cost.electricity_usd_per_hour(x, 1.2, 0.1),
        lambda x: cash_cost.colocation_usd_per_hour(x, 100),
        lambda x: gpu_hour.cost_usd_per_gpu_hour(x, 5, CASH, 0.8),
        lambda x: gpu_hour.cost_usd_per_gpu_hour(CAPEX, x, CASH, 0.8),
        lambda x: payback.payback_years(x, 3, 0.8, CASH),
        lambda x: payback.break_even_utilisation(CAPEX, x, 5, CASH),
        lambda x: margins.share_of_revenue(1, x),
        lambda x: margins.margins_after(1, [x]),
    ],
)
@pytest.mark.parametrize("value", [math.inf, math.nan, -0.5])
def test_inputs_must_be_finite_and_not_negative(call, value):
    with pytest.raises(ValueError, match="收到"):
        call(value)
