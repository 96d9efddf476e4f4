"""一个卖出去的 GPU 小时成本是多少？寿命和利息改变多少？"""

from business.inference.limits import fraction, non_negative, positive, share

GPU_CLUSTER_USD_PER_GPU = 49_248
GPU_CLUSTER_FACILITY_USD_PER_GPU = 6_250  # 已在上一行里：全寿命的机房与运维


def cost_usd_per_gpu_hour(
    capex_usd: float,
    life_years: float,
    cash_usd_per_hour: float,
    utilisation: float,
    residual: float = 0.0,
    interest_rate: float = 0.0,
) -> float:
    """成本 = (折旧 + 利息 + 现金成本) ÷ 利用率，单位是美元/售出的 GPU 小时。

    折旧按直线法，residual 是期末残值占买价的比例。interest_rate 是年利率，
    乘在买价与残值的中点上：账面价值从前者直线降到后者，平均占用的本金就是中点。
    一年 8,760 小时。来源：总拥有成本的会计定义。
    """
    non_negative(capex_usd=capex_usd, cash_usd_per_hour=cash_usd_per_hour)
    non_negative(interest_rate=interest_rate)
    positive(life_years=life_years)
    fraction(utilisation=utilisation)
    share(residual=residual)
    depreciation = capex_usd * (1 - residual) / (life_years * 8_760)
    interest = interest_rate * capex_usd * (1 + residual) / 2 / 8_760
    return (depreciation + interest + cash_usd_per_hour) / utilisation


if __name__ == "__main__":
    capex, cash, used = 50_000, 0.50, 0.8  # 假设：每张卡连同网络、现金成本、利用率
    print(f"假设：每张卡 {capex:,} 美元，现金成本 {cash:.2f} 美元/小时，利用率 {used}，无残值")
    for life in (3, 4, 5, 6):
        print(f"寿命 {life} 年：{cost_usd_per_gpu_hour(capex, life, cash, used):.2f} 美元/GPU 小时")
    four, six = (cost_usd_per_gpu_hour(capex, life, cash, used) for life in (4, 6))
    print(f"寿命从 6 年改为 4 年，成本涨 {four / six - 1:.0%}")
    owned, idle = cost_usd_per_gpu_hour(capex, 5, 0, 1), cost_usd_per_gpu_hour(capex, 5, cash, 1)
    print(f"5 年：折旧 {owned:.2f} + 现金 {cash:.2f} = {idle:.2f}，折旧占 {owned / idle:.0%}")
    rate = 0.10  # 假设
    with_interest = cost_usd_per_gpu_hour(capex, 5, cash, used, interest_rate=rate)
    print(f"5 年、年利率 {rate:.0%}：{with_interest:.2f} 美元/GPU 小时")
    hardware = GPU_CLUSTER_USD_PER_GPU - GPU_CLUSTER_FACILITY_USD_PER_GPU
    less = cost_usd_per_gpu_hour(hardware, 5, cash, used)
    print(f"5 年、买价只算服务器和网络，{hardware:,} 美元：{less:.2f} 美元/GPU 小时")
