import math
import re

import matplotlib
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from business.cloud import (
    cash_by_year,
    cash_cost,
    cost_by_utilisation,
    falling_rent,
    flop_per_usd,
    gpu_hour,
    lifetime,
    margins,
    payback,
    rent_or_buy,
    reserved,
    seller_mix,
    sensitivity,
    spot,
)
from infrastructure.components.cost_share import H100_CLUSTER_1024_KUSD

CAPEX, CASH, PRICE = 50_000, 0.50, 2.95
shares = st.floats(0.01, 1)
falls = st.floats(0, 0.9)
rates = st.floats(0, 0.5)
lives = st.floats(0.5, 10)
prices = st.floats(0.5, 10)
capexes = st.floats(1_000, 100_000)
cashes = st.floats(0, 2)


# 一小时的成本


@pytest.mark.parametrize(("life", "usd"), [(3, 3.00), (4, 2.41), (5, 2.05), (6, 1.81)])
def test_cost_by_life(life, usd):
    """本站推算的四个数，另用整数小时算一遍。"""
    cost = gpu_hour.cost_usd_per_gpu_hour(CAPEX, life, CASH, 0.8)
    assert round(cost, 2) == usd
    owned_hours = life * 365 * 24
    assert cost == pytest.approx((CAPEX + CASH * owned_hours) / (0.8 * owned_hours))


def test_the_published_price_already_holds_the_facility():
    """成本表的四列（千美元）：机房与运维、服务器、交换机、线缆；合计摊到 1,024 张卡。"""
    facility, *hardware = H100_CLUSTER_1024_KUSD
    assert facility * 1_000 / 1_024 == gpu_hour.GPU_CLUSTER_FACILITY_USD_PER_GPU
    without = gpu_hour.GPU_CLUSTER_USD_PER_GPU - gpu_hour.GPU_CLUSTER_FACILITY_USD_PER_GPU
    assert without == pytest.approx(sum(hardware) * 1_000 / 1_024, abs=0.51)
    assert without < CAPEX  # 本站的 50,000 美元偏高
    assert round((without / (5 * 365 * 24) + CASH) / 0.8, 2) == 1.85  # 输出的最后一行


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


@given(capexes, lives, lives, cashes, shares, shares, st.floats(0, 1), rates)
def test_cost_falls_with_utilisation_and_never_rises_with_life(
    capex, life, other, cash, used, more, residual, rate
):
    def cost(years, utilisation):
        return gpu_hour.cost_usd_per_gpu_hour(capex, years, cash, utilisation, residual, rate)

    short, long = sorted((life, other))
    low, high = sorted((used, more))
    assert cost(long, used) <= cost(short, used) * (1 + 1e-12)
    assert cost(life, low) * low == pytest.approx(cost(life, high) * high)
    if high > low * 1.001:
        assert cost(life, high) < cost(life, low) or cost(life, low) == 0


def test_cash_cost_of_a_hundred_kilowatts_for_a_month():
    """100 kW、PUE 1.5、0.1 美元/kWh 开 730 小时：电费 10,950 美元；租金每 kW 100 美元是 10,000。"""
    assert cash_cost.electricity_usd_per_hour(100, 1.5, 0.1) * 730 == pytest.approx(10_950)
    assert cash_cost.colocation_usd_per_hour(100, 100) * 730 == pytest.approx(10_000)


def test_server_power_per_card():
    """Epoch 的表：整机 10.2 kW，每张卡 1,275 W。"""
    assert pytest.approx(1.275) == cash_cost.DGX_H100_KW / 8


def test_electricity_is_less_than_the_rent():
    electricity = cash_cost.electricity_usd_per_hour(10.2 / 8, 1.25, 0.08)
    assert electricity < cash_cost.colocation_usd_per_hour(10.2 / 8, 120)
    listed = cash_cost.colocation_usd_per_hour(10.2 / 8, cash_cost.COLOCATION_USD_PER_KW_MONTH)
    assert round(electricity + listed + 0.16, 2) == 0.61


# 几年回本


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
    assert payback.payback_years(438, 1.00, 0.55, CASH) == pytest.approx(1)  # 每小时只净收 0.05


@given(capexes, prices, prices, shares, cashes)
def test_payback_grows_as_the_price_falls(capex, price, other, used, cash):
    low, high = sorted((price, other))
    slow, fast = (payback.payback_years(capex, p, used, cash) for p in (low, high))
    assert slow >= fast
    if fast < math.inf and high > low * 1.001:
        assert slow > fast


@given(capexes, prices, lives, cashes, st.floats(0, 1), rates)
def test_margin_is_zero_at_break_even_utilisation(capex, price, life, cash, residual, rate):
    used = payback.break_even_utilisation(capex, price, life, cash, residual, rate)
    assume(0 < used <= 1)
    cost = gpu_hour.cost_usd_per_gpu_hour(capex, life, cash, used, residual, rate)
    assert payback.gross_margin(price, cost) == pytest.approx(0, abs=1e-9)


@given(capexes, prices, lives, cashes, shares)
def test_margin_is_one_minus_the_ratio_of_utilisations(capex, price, life, cash, used):
    floor = payback.break_even_utilisation(capex, price, life, cash)
    cost = gpu_hour.cost_usd_per_gpu_hour(capex, life, cash, used)
    assert payback.gross_margin(price, cost) == pytest.approx(1 - floor / used, abs=1e-9)


def test_break_even_utilisation_on_the_page():
    """拥有一小时的成本，除以售价；另用五年的总额算一遍。"""
    hours = 5 * 8_760
    for price, percent in ((2.95, 55.6), (2.00, 82.1)):
        floor = payback.break_even_utilisation(CAPEX, price, 5, CASH)
        assert round(100 * floor, 1) == percent
        assert floor * hours * price == pytest.approx(CAPEX + CASH * hours)


def test_halving_utilisation_equals_halving_the_price():
    base = {"capex": CAPEX, "life": 5, "cash": CASH, "rate": 0.0}
    idle = sensitivity.margin_and_payback(**base, price=PRICE, used=0.4)
    cheap = sensitivity.margin_and_payback(**base, price=PRICE / 2, used=0.8)
    assert idle == pytest.approx(cheap)
    assert round(100 * idle[0], 1) == -39.1


def test_which_assumption_hurts_most():
    base = {"capex": CAPEX, "price": PRICE, "life": 5, "cash": CASH, "used": 0.8, "rate": 0.0}
    electricity = cash_cost.electricity_usd_per_hour(10.2 / 8, 1.25, 0.08)

    def change(**changed):
        return sensitivity.margin_and_payback(**(base | changed))

    margin, years = change()
    assert round(margin, 3) == 0.304
    assert change(life=3)[0] < 0 and change(life=3)[1] == years  # 会计的毛利率没了，现金没变
    assert years > 3  # 真的只能租三年，还没回本
    drops = [margin - change(**c)[0] for c in ({"used": 0.4}, {"life": 3}, {"rate": 0.10})]
    assert drops == sorted(drops, reverse=True)
    assert 0 < margin - change(cash=CASH + electricity)[0] < min(drops)
    assert change(capex=0.8 * CAPEX)[0] > margin
    assert change(rate=0.10)[1] == years


# 租价一年年跌


@given(lives, falls, rates)
def test_full_price_years_is_the_integral(years, fall, rate):
    """用中点法数值积分，与公式相同。"""
    t = (np.arange(20_000) + 0.5) * years / 20_000
    values = ((1 - fall) / (1 + rate)) ** t
    assert falling_rent.full_price_years(years, fall, rate) == pytest.approx(
        values.sum() * years / 20_000, rel=1e-4
    )


def test_flat_price_counts_every_year():
    assert falling_rent.full_price_years(5) == 5
    assert falling_rent.full_price_years(0, 0.2, 0.1) == 0
    assert falling_rent.full_price_years(5, 0.5) == pytest.approx((1 - 2**-5) / math.log(2))


@given(lives, falls, falls, rates)
def test_faster_fall_is_worth_fewer_years(years, fall, other, rate):
    slow, fast = sorted((fall, other))
    worth = [falling_rent.full_price_years(years, f, rate) for f in (slow, fast)]
    assert years >= worth[0] * (1 - 1e-9) >= worth[1] * (1 - 2e-9) > 0


@given(prices, prices, st.floats(0.5, 20))
def test_decline_carries_the_first_price_to_the_last(start, end, years):
    fall = falling_rent.decline_per_year(start, end, years)
    assert start * (1 - fall) ** years == pytest.approx(end)
    assert (fall > 0) == (end < start) or fall == pytest.approx(0)


def test_h100_list_price_fell_by_at_least_three_tenths_a_year():
    assert falling_rent.decline_per_year(8, 1, 3) == pytest.approx(0.5)
    fall = falling_rent.decline_per_year(7, 2.95, 28 / 12)
    assert round(fall, 2) == 0.31
    assert falling_rent.decline_per_year(8, 2.95, 28 / 12) > fall  # 来源说“高于 7”，只会跌得更快


@pytest.mark.parametrize(
    ("fall", "margin", "cash", "worth"),
    [
        (0, 0.30, 31_468, 14_805),
        (0.09, 0.13, 10_515, -639),
        (0.1, 0.11, 8_453, -2_171),
        (0.15, -0.02, -1_135, -9_328),
        (0.2, -0.15, -9_612, -15_711),
        (0.5, -1.49, -43_006, -41_709),
    ],
)
def test_lifetime_on_the_page(fall, margin, cash, worth):
    """每小时一步累加五年的现金流，与公式相同。"""
    hours = np.arange(5 * 8_760) + 0.5
    rent, discount = PRICE * 0.8 * (1 - fall) ** (hours / 8_760), 1.1 ** -(hours / 8_760)
    assert (rent - CASH).sum() - CAPEX == pytest.approx(cash, abs=1)
    assert ((rent - CASH) * discount).sum() - CAPEX == pytest.approx(worth, abs=1)
    card = (CAPEX, PRICE, fall, 5, CASH, 0.8)
    assert lifetime.lifetime_cash_usd(*card) == pytest.approx(cash, abs=1)
    assert lifetime.lifetime_cash_usd(*card, discount_rate=0.10) == pytest.approx(worth, abs=1)
    cost = gpu_hour.cost_usd_per_gpu_hour(CAPEX, 5, CASH, 0.8)
    average = PRICE * falling_rent.full_price_years(5, fall) / 5
    assert lifetime.gross_margin(average, cost) == pytest.approx(margin, abs=0.005)
    assert lifetime.gross_margin(average, cost) == pytest.approx(cash / rent.sum(), abs=1e-3)


@given(capexes, prices, falls, falls, lives, cashes, shares, rates)
def test_faster_fall_never_earns_more(capex, price, fall, other, life, cash, used, rate):
    slow, fast = sorted((fall, other))

    def earned(f):
        return lifetime.lifetime_cash_usd(
            capex, price, f, life, cash, used, residual=0.1, discount_rate=rate
        )

    assert earned(slow) >= earned(fast) - 1e-6


@given(capexes, prices, lives, cashes, shares)
def test_lifetime_agrees_with_cost_when_the_rent_stands_still(capex, price, life, cash, used):
    cost = gpu_hour.cost_usd_per_gpu_hour(capex, life, cash, used)
    net = lifetime.lifetime_cash_usd(capex, price, 0, life, cash, used)
    assert net == pytest.approx((price - cost) * used * life * 8_760, rel=1e-6, abs=1e-3)
    years = payback.payback_years(capex, price, used, cash)
    if years < 1_000:
        assert lifetime.lifetime_cash_usd(capex, price, 0, years, cash, used) == pytest.approx(
            0, abs=1e-3
        )


def test_residual_is_discounted():
    sold = lifetime.lifetime_cash_usd(CAPEX, PRICE, 0.1, 5, CASH, 0.8, 0.2, 0.10)
    kept = lifetime.lifetime_cash_usd(CAPEX, PRICE, 0.1, 5, CASH, 0.8, 0.0, 0.10)
    assert sold - kept == pytest.approx(0.2 * CAPEX / 1.1**5)


@pytest.mark.parametrize(("rate", "percent"), [(0.0, 15), (0.10, 9)])
def test_the_fall_that_leaves_nothing(rate, percent):
    def worth(p):
        return lifetime.lifetime_cash_usd(CAPEX, PRICE, p / 100, 5, CASH, 0.8, 0, rate)

    assert worth(percent) < 0 < worth(percent - 1)


def test_payback_under_falling_rents():
    """不跌三年多，每年跌一成四年多，跌两成六年也回不了本；跌一半两年多就该关机。"""

    def cash(fall, years):
        return lifetime.lifetime_cash_usd(CAPEX, PRICE, fall, years, CASH, 0.8)

    assert cash(0, 3) < 0 < cash(0, 3.5)
    assert cash(0.1, 4) < 0 < cash(0.1, 4.5)
    assert all(cash(0.2, years) < 0 for years in np.linspace(0, 12, 121))
    off = math.log2(PRICE * 0.8 / CASH)  # 租金减半这么多次，恰好等于现金成本
    assert 2 < off < 2.5 and cash(0.5, off - 0.1) < cash(0.5, off) > cash(0.5, off + 0.1)


def test_cash_figure_draws_the_published_formula():
    assert cash_by_year.cumulative_kusd([0, 5], 0.2) == pytest.approx([-50, -9.612])
    with matplotlib.rc_context():
        svg = cash_by_year.figure()
    assert re.findall(r"每年跌 (\d+)%", svg) == ["0", "10", "20", "50"]
    assert [svg.count(c) > 0 for c in ("#1e88e5", "#e65100", "#43a047", "#ab47bc")] == [True] * 4


# 财报上的几个利润率


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


# 四种卖法


def test_reserved_wins_above_seven_tenths_on_the_page():
    on_demand, price, _ = reserved.HYPERSTACK_H100_USD_PER_HOUR
    assert reserved.break_even_share(price, on_demand) == pytest.approx(0.70)
    assert reserved.usd_per_used_hour(price, 0.5) == 3.50
    percent = [
        round(100 * reserved.break_even_share(price, on_demand, fall, term))
        for term, fall in ((1, 0.2), (1, 0.5), (3, 0.2), (3, 0.5))
    ]
    assert percent == [78, 97, 96, 166]
    default = reserved.break_even_share(price, on_demand, 0.2)  # 不写期限就是一年
    assert default == reserved.break_even_share(price, on_demand, 0.2, 1)


@given(prices, prices, falls, st.floats(0.5, 5), shares)
def test_reserved_beats_on_demand_above_the_break_even_share_only(
    price, on_demand, fall, term, used
):
    """合同期内逐时比较两张账单：用到的时间均匀分布，占 used。"""
    floor = reserved.break_even_share(price, on_demand, fall, term)
    assume(abs(used - floor) > 1e-3 * floor)
    t = (np.arange(2_000) + 0.5) * term / 2_000
    on_demand_bill = used * (on_demand * (1 - fall) ** t).mean()
    assert (price < on_demand_bill) == (used > floor)


@given(prices, shares, shares)
def test_used_hours_cost_more_the_fewer_they_are(price, used, more):
    low, high = sorted((used, more))
    assert (
        reserved.usd_per_used_hour(price, low) >= reserved.usd_per_used_hour(price, high) >= price
    )


def test_three_year_reservation_of_2023_was_overtaken():
    """三年没到期，市场的按需中位数已经低于锁定的 5.40 美元。"""
    assert reserved.break_even_share(5.40, payback.H100_MEDIAN_USD_PER_HOUR) > 1


def test_useful_share_matches_a_simulation():
    """按指数分布抽中断，逐次记账：重启、写检查点、丢掉没写下的进度。"""
    rng = np.random.default_rng(0)
    for hours, restart, save in ((24, 10, 1), (4, 10, 1)):
        interval = math.sqrt(2 * hours * 60 * save)
        up = rng.exponential(hours * 60, 200_000)
        kept = np.floor(np.maximum(up - restart, 0) / (interval + save)) * interval
        assert spot.useful_share(hours, restart, save) == pytest.approx(
            kept.sum() / up.sum(), abs=0.02
        )


@given(st.floats(0.5, 100), st.floats(0.5, 100), st.floats(0, 60), st.floats(0.1, 10))
def test_rarer_interruptions_never_cost_more(hours, other, restart, save):
    often, rarely = sorted((hours, other))
    price = [spot.usd_per_useful_hour(2, h, restart, save) for h in (often, rarely)]
    assert price[0] >= price[1] * (1 - 1e-12) and price[1] > 2


def test_spot_wins_only_when_the_discount_outlasts_the_lost_time():
    on_demand, price, cheap = spot.HYPERSTACK_H100_USD_PER_HOUR
    aws_on_demand, aws_spot = spot.AWS_H200_SERVER_USD_PER_HOUR
    assert price < cheap < on_demand  # 预留比可抢占还便宜
    hourly = spot.useful_share(1, 10, 1)
    assert aws_spot / aws_on_demand < hourly < cheap / on_demand
    assert spot.usd_per_useful_hour(cheap, 1, 10, 1) > on_demand
    assert spot.usd_per_useful_hour(cheap, 4, 10, 1) < on_demand
    assert spot.usd_per_useful_hour(aws_spot, 1, 10, 1) < aws_on_demand
    gcp_on_demand, gcp_spot = spot.GCP_H200_USD_PER_HOUR
    assert round(1 - gcp_spot / gcp_on_demand, 2) == 0.40


def test_hopeless_interruptions_cost_infinitely_much():
    assert spot.useful_share(0.1, 60, 1) == 0
    assert spot.usd_per_useful_hour(2, 0.1, 60, 1) == math.inf
    barely = spot.useful_share(1, 49, 1)  # 只剩百分之几也是有限的数
    assert 0 < barely < 0.1
    assert spot.usd_per_useful_hour(2, 1, 49, 1) * barely == pytest.approx(2)


@given(shares, prices, shares, prices)
def test_owned_hours_are_counted_once(sold, on_demand, fill, cheap):
    """把一万个小时逐类数一遍：按需、可抢占、闲置。"""
    sold_hours = 10_000 * sold
    spot_hours = (10_000 - sold_hours) * fill
    bill = sold_hours * on_demand + spot_hours * cheap
    assert seller_mix.revenue_usd_per_owned_hour(sold, on_demand, fill, cheap) == pytest.approx(
        bill / 10_000, abs=1e-9
    )


def test_seller_matches_reserved_at_the_price_ratio_or_earlier_with_spot():
    """只卖按需，门槛是买家的同一个价格之比；空闲的一半卖成可抢占，卖出一半就够。"""
    on_demand, price, cheap = seller_mix.HYPERSTACK_H100_USD_PER_HOUR
    ratio = reserved.break_even_share(price, on_demand)
    assert seller_mix.revenue_usd_per_owned_hour(ratio, on_demand) == pytest.approx(price)
    assert seller_mix.revenue_usd_per_owned_hour(0.5, on_demand, 0.5, cheap) == price
    assert seller_mix.revenue_usd_per_owned_hour(0.5, on_demand) < price


# 租还是买


def test_rent_or_buy_without_interest_is_the_seller_break_even():
    hours = rent_or_buy.break_even_hours_per_year(CAPEX, PRICE, 5, CASH)
    assert round(hours) == 4_875
    assert hours / 8_760 == pytest.approx(payback.break_even_utilisation(CAPEX, PRICE, 5, CASH))


@given(capexes, prices, lives, cashes, falls, rates, st.floats(0, 1))
def test_owner_and_renter_pay_the_same_at_the_break_even_hours(
    capex, rent, life, cash, fall, rate, residual
):
    hours = rent_or_buy.break_even_hours_per_year(capex, rent, life, cash, fall, rate, residual)
    t = (np.arange(5_000) + 0.5) * life / 5_000
    discount = (1 + rate) ** -t
    own = capex - capex * residual * (1 + rate) ** -life + (8_760 * cash * discount).mean() * life
    renting = (hours * rent * (1 - fall) ** t * discount).mean() * life
    assert renting == pytest.approx(own, rel=1e-3, abs=1e-3)


@given(falls, falls, rates, rates)
def test_falling_rents_and_interest_raise_the_bar_for_buying(fall, other, rate, dearer):
    slow, fast = sorted((fall, other))
    low, high = sorted((rate, dearer))

    def hours(f, r):
        return rent_or_buy.break_even_hours_per_year(CAPEX, PRICE, 5, CASH, f, r)

    assert hours(slow, low) <= hours(fast, low) * (1 + 1e-9)
    assert hours(0, low) <= hours(0, high) * (1 + 1e-9)


def test_at_a_fifth_a_year_nobody_should_buy():
    hours = rent_or_buy.break_even_hours_per_year
    assert hours(CAPEX, PRICE, 5, CASH, 0.2, 0.10) > 8_760
    shares_ = [
        round(100 * hours(CAPEX, PRICE, 5, CASH, *terms) / 8_760)
        for terms in ((0, 0.10), (0.1, 0.10), (0.1, 0.10, 0.2))
    ]
    assert shares_ == [66, 83, 75]
    cheaper = hours(CAPEX, PRICE / 2, 5, CASH)  # 租价减半，门槛加倍
    assert cheaper == pytest.approx(2 * hours(CAPEX, PRICE, 5, CASH))


# 一美元多少次运算


@pytest.mark.parametrize(("tflops", "price", "printed"), [(459, 4.2, 1.09e14), (197, 1.2, 1.64e14)])
def test_scaling_book_column(tflops, price, printed):
    """scaling-book 印的“FLOPs / $”一栏，保留三位有效数字。"""
    ratio = flop_per_usd.peak_flop_per_s_per_usd_per_hour(tflops * 1e12, price)
    assert ratio == pytest.approx(printed, rel=0.005)
    assert flop_per_usd.flop_per_usd(tflops * 1e12, price) == pytest.approx(3_600 * ratio)


@given(st.floats(1, 1e15), prices, shares)
def test_a_dollar_buys_seconds_times_speed(peak, price, mfu):
    seconds = 3_600 / price
    assert flop_per_usd.flop_per_usd(peak, price, mfu) == pytest.approx(seconds * peak * mfu)


# 输入


def test_figure_draws_the_published_formula():
    with matplotlib.rc_context():
        svg = cost_by_utilisation.figure()
    assert cost_by_utilisation.cost_usd_per_gpu_hour is gpu_hour.cost_usd_per_gpu_hour
    assert re.findall(r"寿命 (\d) 年", svg) == ["3", "4", "5", "6"]
    assert [svg.count(c) > 0 for c in ("#1e88e5", "#e65100", "#43a047", "#ab47bc")] == [True] * 4


GOOD = {
    cash_cost.electricity_usd_per_hour: {"kw": 1, "pue": 1.2, "usd_per_kwh": 0.1},
    cash_cost.colocation_usd_per_hour: {"kw": 1, "usd_per_kw_month": 100},
    gpu_hour.cost_usd_per_gpu_hour: {
        "capex_usd": CAPEX,
        "life_years": 5,
        "cash_usd_per_hour": CASH,
        "utilisation": 0.8,
        "residual": 0.1,
        "interest_rate": 0.1,
    },
    payback.payback_years: {
        "capex_usd": CAPEX,
        "price_usd_per_hour": 3,
        "utilisation": 0.8,
        "cash_usd_per_hour": CASH,
    },
    payback.break_even_utilisation: {
        "capex_usd": CAPEX,
        "price_usd_per_hour": 3,
        "life_years": 5,
        "cash_usd_per_hour": CASH,
        "residual": 0.1,
        "interest_rate": 0.1,
    },
    falling_rent.decline_per_year: {"start_usd": 2, "end_usd": 1, "years": 2},
    falling_rent.full_price_years: {"years": 5, "decline": 0.1, "discount_rate": 0.1},
    lifetime.lifetime_cash_usd: {
        "capex_usd": CAPEX,
        "price_usd_per_hour": 3,
        "decline_per_year": 0.1,
        "life_years": 5,
        "cash_usd_per_hour": CASH,
        "utilisation": 0.8,
        "residual": 0.1,
        "discount_rate": 0.1,
    },
    flop_per_usd.flop_per_usd: {"peak_flop_per_s": 1e14, "usd_per_hour": 2, "mfu": 0.4},
    reserved.usd_per_used_hour: {"usd_per_hour": 2, "used_share": 0.5},
    reserved.break_even_share: {
        "reserved_usd_per_hour": 1,
        "on_demand_usd_per_hour": 2,
        "decline_per_year": 0.1,
        "term_years": 1,
    },
    spot.usd_per_useful_hour: {
        "spot_usd_per_hour": 1,
        "hours_between": 5,
        "restart_minutes": 10,
        "save_minutes": 1,
    },
    seller_mix.revenue_usd_per_owned_hour: {
        "on_demand_sold": 0.5,
        "on_demand_usd_per_hour": 2,
        "spot_fill": 0.5,
        "spot_usd_per_hour": 1,
    },
    rent_or_buy.break_even_hours_per_year: {
        "capex_usd": CAPEX,
        "rent_usd_per_hour": 3,
        "life_years": 5,
        "cash_usd_per_hour": CASH,
        "decline_per_year": 0.1,
        "discount_rate": 0.1,
        "residual": 0.1,
    },
    margins.share_of_revenue: {"amount": 1, "revenue": 2},
}
NAMED = {  # 传给别的函数之后，错误信息里的名字
    "interest_rate": "interest_rate",
    "decline_per_year": "decline",
    "life_years": "years",
    "spot_usd_per_hour": "usd_per_hour",
    "usd_per_kwh": "usd_per_kwh",
}


@pytest.mark.parametrize("value", [-0.5, math.nan, math.inf])
@pytest.mark.parametrize(
    ("function", "argument"),
    [(f, a) for f, good in GOOD.items() for a in good if a != "amount"],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_impossible_input_is_named(function, argument, value):
    good = GOOD[function]
    function(**good)
    with pytest.raises(ValueError, match=NAMED.get(argument, argument)) as error:
        function(**(good | {argument: value}))
    assert str(error.value).endswith(f"收到 {value}")


@pytest.mark.parametrize(
    ("function", "argument", "value"),
    [
        (cash_cost.electricity_usd_per_hour, "pue", 0.9),
        (gpu_hour.cost_usd_per_gpu_hour, "utilisation", 0),
        (gpu_hour.cost_usd_per_gpu_hour, "utilisation", 1.01),
        (gpu_hour.cost_usd_per_gpu_hour, "life_years", 0),
        (gpu_hour.cost_usd_per_gpu_hour, "residual", 1.01),
        (payback.payback_years, "utilisation", 80),
        (payback.break_even_utilisation, "price_usd_per_hour", 0),
        (payback.break_even_utilisation, "life_years", 0),
        (falling_rent.decline_per_year, "years", 0),
        (falling_rent.full_price_years, "decline", 1),
        (lifetime.lifetime_cash_usd, "decline_per_year", 1),
        (lifetime.lifetime_cash_usd, "residual", 1.01),
        (lifetime.lifetime_cash_usd, "utilisation", 1.01),
        (flop_per_usd.flop_per_usd, "mfu", 1.01),
        (flop_per_usd.flop_per_usd, "usd_per_hour", 0),
        (reserved.usd_per_used_hour, "used_share", 1.01),
        (reserved.break_even_share, "term_years", 0),
        (reserved.break_even_share, "on_demand_usd_per_hour", 0),
        (spot.usd_per_useful_hour, "hours_between", 0),
        (spot.usd_per_useful_hour, "save_minutes", 0),
        (seller_mix.revenue_usd_per_owned_hour, "on_demand_sold", 1.01),
        (seller_mix.revenue_usd_per_owned_hour, "spot_fill", 1.01),
        (rent_or_buy.break_even_hours_per_year, "rent_usd_per_hour", 0),
        (rent_or_buy.break_even_hours_per_year, "residual", 1.01),
        (margins.share_of_revenue, "revenue", 0),
    ],
    ids=lambda x: getattr(x, "__name__", x),
)
def test_input_outside_its_range_is_named(function, argument, value):
    with pytest.raises(ValueError, match=NAMED.get(argument, argument)):
        function(**(GOOD[function] | {argument: value}))


@pytest.mark.parametrize("cost", [-1, math.nan, math.inf])
def test_margin_rejects_impossible_costs(cost):
    with pytest.raises(ValueError, match="costs"):
        margins.margins_after(10, [1, cost])


def test_edges_are_allowed():
    """PUE 恰为一、电费租金为零、利用率恰为一、残值恰为一，都是合法的输入。"""
    assert cash_cost.electricity_usd_per_hour(2, 1, 0.1) == pytest.approx(0.2)
    assert cash_cost.electricity_usd_per_hour(0, 1.2, 0) == 0
    assert cash_cost.colocation_usd_per_hour(0, 0) == 0
    assert payback.payback_years(0, 3, 1, 0) == 0
    assert payback.payback_years(8_760, 1, 0.75, 0.25) == 2
    assert payback.break_even_utilisation(0, 0.5, 0.5, 0) == 0
    assert gpu_hour.cost_usd_per_gpu_hour(0, 0.5, 0, 1) == 0
    assert margins.margins_after(0.5, [0, 0.5]) == [1, 0]
    assert lifetime.lifetime_cash_usd(10, 0, 0, 1, 0, 1, residual=1) == 0
    assert reserved.usd_per_used_hour(0, 1) == 0
    assert seller_mix.revenue_usd_per_owned_hour(1, 3, 1, 1) == 3
    assert seller_mix.revenue_usd_per_owned_hour(0, 3, 1, 1) == 1
    assert flop_per_usd.flop_per_usd(0, 1) == 0
