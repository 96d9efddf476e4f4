"""一次只改一个假设，毛利率和回本年数各变多少？"""

from business.cloud.cash_cost import electricity_usd_per_hour
from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from business.cloud.payback import payback_years
from business.inference.margin import gross_margin

DGX_H100_KW = 10.2
H100_MEDIAN_USD_PER_HOUR = 2.95


def margin_and_payback(
    capex: float, price: float, life: float, cash: float, used: float, rate: float
) -> tuple[float, float]:
    """同一张卡的毛利率和回本年数；rate 是年利率，回本年数不含利息。"""
    cost = cost_usd_per_gpu_hour(capex, life, cash, used, interest_rate=rate)
    return gross_margin(price, cost), payback_years(capex, price, used, cash)


if __name__ == "__main__":
    base = {"capex": 50_000, "price": H100_MEDIAN_USD_PER_HOUR, "life": 5, "cash": 0.50}
    base |= {"used": 0.8, "rate": 0.0}  # 假设，与前几段代码相同
    electricity = electricity_usd_per_hour(DGX_H100_KW / 8, 1.25, 0.08)
    changes = {
        "基准": {},
        "利用率减半": {"used": base["used"] / 2},
        "租价减半": {"price": base["price"] / 2},
        "寿命 5 年改 3 年": {"life": 3},
        "年利率 0 改 10%": {"rate": 0.10},
        "买价降 20%": {"capex": base["capex"] * 0.8},
        "电价翻倍": {"cash": base["cash"] + electricity},
    }
    for name, change in changes.items():
        margin, years = margin_and_payback(**(base | change))
        print(f"{name}：毛利率 {margin:.1%}，回本 {years:.1f} 年")
