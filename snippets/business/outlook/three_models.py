"""三种盈利模式和它们的上游，各卖一个单位，赚多少？"""

from business.applications.heavy_users import AGENT_TASK_USD, fee_usd, mean_cost_usd, segments
from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from business.cloud.payback import H100_MEDIAN_USD_PER_HOUR, payback_years
from business.data_services.embedding_margin import EMBEDDING_USD_PER_MTOK, cost_usd_per_mtok
from business.inference.daily_account import (
    DEEPSEEK_AVERAGE_NODES,
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_DAILY_REVENUE_USD,
    DEEPSEEK_GPU_USD_PER_HOUR,
    gpu_cost_usd,
)
from business.inference.margin import gross_margin, markup

capex, life, cash, used = 50_000, 5, 0.50, 0.8  # 假设，与云计算服务一页相同
embedding = (0.3e9, 100e12, H100_MEDIAN_USD_PER_HOUR, 0.5)  # 假设，与数据服务一页相同
daily_cost_usd = gpu_cost_usd(DEEPSEEK_AVERAGE_NODES, 8, DEEPSEEK_GPU_USD_PER_HOUR, 24)
daily_mtok = 1_000 * sum(DEEPSEEK_DAILY_BTOK)
units = {  # 单位 → 价格、成本（美元）
    "云：一个 GPU 小时": (
        H100_MEDIAN_USD_PER_HOUR,
        cost_usd_per_gpu_hour(capex, life, cash, used),
    ),
    "数据：百万 token 的嵌入": (EMBEDDING_USD_PER_MTOK, cost_usd_per_mtok(*embedding)),
    "应用：一个包月用户": (fee_usd, mean_cost_usd(segments, AGENT_TASK_USD)),
    "接口（上游）：百万 token": (
        DEEPSEEK_DAILY_REVENUE_USD / daily_mtok,
        daily_cost_usd / daily_mtok,
    ),
}

if __name__ == "__main__":
    print(f"假设：云的利用率 {used}，嵌入的利用率 {embedding[-1]}，其余假设见各页")
    for unit, (price, cost) in units.items():
        print(f"{unit}：价格 {price:.3g} 美元，成本 {cost:.3g} 美元")
        print(f"  毛利率 {gross_margin(price, cost):.1%}，加价率 {markup(price, cost):.0%}")
    print("只看一个数：")
    years = payback_years(capex, H100_MEDIAN_USD_PER_HOUR, used, cash)
    (_, data), (_, mean) = units["数据：百万 token 的嵌入"], units["应用：一个包月用户"]
    median = segments["轻度"][1] * AGENT_TASK_USD
    print(f"  云：{years:.1f} 年回本")
    print(f"  数据：成本是收入的 {data / EMBEDDING_USD_PER_MTOK:.0%}")
    print(f"  应用：平均成本是中位用户的 {mean / median:.1f} 倍")
