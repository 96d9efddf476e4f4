"""其余几行只做加、乘、除，或者反推一个价格：用的是什么公式？"""

from appendix.reconciliation.summary import users
from business.applications.unit_economics import ltv_usd
from business.training_cost.flops import gpu_hours, training_flop
from business.training_cost.price import cost_usd


def total(first, second, third=0.0, fourth=0.0):
    """相加。"""
    return first + second + third + fourth


def product(first, second, third=1.0, fourth=1.0):
    """相乘。"""
    return first * second * third * fourth


def quotient(amount, parts):
    """相除。"""
    if not parts > 0:
        raise ValueError(f"parts 必须大于 0，收到 {parts}")
    return amount / parts


def hours_of(times, seconds_each):
    """次数 × 每次的秒数，折成小时。"""
    return quotient(product(times, seconds_each), 3_600)


def steps_usd(steps, seconds_each, usd_per_server_hour):
    """一台服务器跑完全部步数的租金（美元）。"""
    return cost_usd(1, hours_of(steps, seconds_each), usd_per_server_hour)


def implied_usd_per_gpu_hour(usd, gpus, days):
    """由总花费和天数反推每卡时的价格（美元）。"""
    return usd / cost_usd(gpus, days * 24, 1)


def implied_usd_per_chip_hour(usd, params, tokens, peak_flop_per_s, mfu):
    """由总花费和运算次数反推每卡时的价格（美元）。"""
    return usd / gpu_hours(training_flop(params, tokens), peak_flop_per_s, mfu)


def lifetime_ltv_usd(usd_per_year, gross_margin, life_years):
    """LTV（美元），由年合同额和客户寿命算：月流失率是寿命（月）的倒数。"""
    return ltv_usd(usd_per_year / 12, gross_margin, 1 / (12 * life_years))


if __name__ == "__main__":
    print(*users(__file__), sep="\n")
