"""账单里哪一项最要紧？等 GPU 降价再开始，能省多少？"""

from business.cloud.falling_rent import full_price_years
from business.inference.limits import fraction, non_negative
from business.training_cost.flops import gpu_hours, training_flop
from business.training_cost.price import cost_usd


def bill_usd(
    params: float,
    tokens: float,
    peak_flop_per_s: float,
    mfu: float,
    ettr: float,
    usd_per_gpu_hour: float,
) -> float:
    """一次训练的租金 = 6ND ÷（峰值 × MFU × 有效训练时间占比），折成卡时，乘单价。"""
    fraction(ettr=ettr)
    hours = gpu_hours(training_flop(params, tokens), peak_flop_per_s, mfu) / ettr
    return cost_usd(1, hours, usd_per_gpu_hour)


def wait_saving_usd(bill_usd: float, years: float, yearly_decline: float) -> float:
    """晚 years 年开始，少付的租金 = 账单 × (1 − (1 − 年降幅)^years)。"""
    non_negative(bill_usd=bill_usd, years=years)
    fraction(yearly_decline=yearly_decline)
    return bill_usd * (1 - (1 - yearly_decline) ** years)


if __name__ == "__main__":
    base = {"params": 405e9, "tokens": 15.6e12, "peak_flop_per_s": 989e12}
    base |= {"mfu": 0.4, "ettr": 0.9, "usd_per_gpu_hour": 2}  # 假设
    bill = bill_usd(**base)
    print("基准（假设）：405B、15.6 万亿 token、MFU 40%、有效时间 90%、每卡时 2 美元，", end="")
    print(f"{bill / 1e4:,.0f} 万美元")
    swings = []
    for name, key, better, worse in (  # 好坏两头都是假设
        ("有效时间 95% 到 80%", "ettr", 0.95, 0.8),
        ("token 少 20% 到多 20%", "tokens", 0.8 * base["tokens"], 1.2 * base["tokens"]),
        ("MFU 50% 到 30%", "mfu", 0.5, 0.3),
        ("单价 1.5 到 3 美元", "usd_per_gpu_hour", 1.5, 3),
    ):
        low, high = (bill_usd(**(base | {key: value})) for value in (better, worse))
        swings.append((high - low, f"{name}：{low / bill - 1:+.0%} 到 {high / bill - 1:+.0%}"))
    for _, line in sorted(swings, reverse=True):
        print(line)
    print(f"MFU 减半：{bill_usd(**(base | {'mfu': 0.2})) / bill - 1:+.0%}")
    for months in (1, 6, 12):
        saving = wait_saving_usd(bill, months / 12, 0.5)
        print(f"租价每年跌 50%，晚 {months} 个月开始：省 {saving / 1e4:,.0f} 万美元")
    quarter = full_price_years(0.25, 0.5) / 0.25
    print(f"现在开始，训练三个月，租金随行就市：省 {(1 - quarter) * bill / 1e4:,.0f} 万美元")
