"""一天卖 token 的收入和 GPU 成本各是多少？"""

from business.inference.limits import non_negative, positive
from business.inference.margin import gross_margin, markup
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK
from business.training_cost.price import cost_usd

DEEPSEEK_AVERAGE_NODES = 226.75
DEEPSEEK_GPU_USD_PER_HOUR = 2  # 来源假设的租价
DEEPSEEK_DAILY_BTOK = (342, 266, 168)  # 十亿 token：输入命中缓存、输入未命中、输出
DEEPSEEK_R1_USD_PER_MTOK = (0.14, 0.55, 2.19)
DEEPSEEK_DAILY_REVENUE_USD = 562_027  # 来源印出的理论收入


def gpu_cost_usd(
    nodes: float, gpus_per_node: float, usd_per_gpu_hour: float, hours: float
) -> float:
    """GPU 成本（美元）= 节点数 × 每节点卡数 × 每卡每小时租价 × 小时数（会计定义）。"""
    non_negative(nodes=nodes, gpus_per_node=gpus_per_node)
    return cost_usd(nodes * gpus_per_node, hours, usd_per_gpu_hour)


def revenue_usd(
    hit_mtok: float,
    miss_mtok: float,
    output_mtok: float,
    hit_usd_per_mtok: float,
    miss_usd_per_mtok: float,
    output_usd_per_mtok: float,
) -> float:
    """收入（美元）= 命中的输入、未命中的输入、输出，各乘单价再相加。数量以百万 token 计。"""
    non_negative(hit_mtok=hit_mtok, miss_mtok=miss_mtok, output_mtok=output_mtok)
    non_negative(hit_usd_per_mtok=hit_usd_per_mtok, miss_usd_per_mtok=miss_usd_per_mtok)
    non_negative(output_usd_per_mtok=output_usd_per_mtok)
    input_usd = hit_mtok * hit_usd_per_mtok + miss_mtok * miss_usd_per_mtok
    return input_usd + output_mtok * output_usd_per_mtok


def hit_rate(hit_mtok: float, miss_mtok: float) -> float:
    """缓存命中率 = 命中的输入 ÷ 全部输入。"""
    non_negative(hit_mtok=hit_mtok, miss_mtok=miss_mtok)
    positive(input_mtok=hit_mtok + miss_mtok)
    return hit_mtok / (hit_mtok + miss_mtok)


if __name__ == "__main__":
    cost = gpu_cost_usd(DEEPSEEK_AVERAGE_NODES, 8, DEEPSEEK_GPU_USD_PER_HOUR, 24)
    hit, miss, output = (1_000 * n for n in DEEPSEEK_DAILY_BTOK)
    print(f"一天的 GPU 成本 {cost:,.0f} 美元，缓存命中率 {hit_rate(hit, miss):.2%}")
    r1 = revenue_usd(hit, miss, output, *DEEPSEEK_R1_USD_PER_MTOK)
    v3 = revenue_usd(hit, miss, output, *DEEPSEEK_V3_USD_PER_MTOK)
    printed = DEEPSEEK_DAILY_REVENUE_USD
    print(f"按 R1 标价复算收入 {r1:,.0f} 美元，来源印 {printed:,}，差 {r1 / printed - 1:.2%}")
    for name, revenue in (("R1", printed), ("V3", v3)):
        rate, margin = markup(revenue, cost), gross_margin(revenue, cost)
        print(f"全按 {name} 标价：收入 {revenue:,.0f}，加价率 {rate:.0%}，毛利率 {margin:.1%}")
    share = output * DEEPSEEK_R1_USD_PER_MTOK[2] / r1
    print(f"实收达到 R1 标价收入的 {cost / printed:.1%} 就不亏；输出占收入 {share:.0%}")
