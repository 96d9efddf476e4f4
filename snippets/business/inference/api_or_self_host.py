"""买接口还是自己部署：一天多少 token 才划算？"""

from business.inference.daily_account import DEEPSEEK_DAILY_BTOK, revenue_usd
from business.inference.limits import non_negative, positive
from business.inference.node_hours import DEEPSEEK_NODE_TOKENS_PER_S, average_nodes
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK

SGLANG_GAIN = 5  # 大规模专家并行的输出吞吐，最多是同样机器用张量并行的几倍


def break_even_mtok_per_day(usd_per_hour: float, price_usd_per_mtok: float) -> float:
    """自己部署与买接口花钱相同的日用量（百万 token）= 一天的机器钱 ÷ 接口单价。"""
    non_negative(usd_per_hour=usd_per_hour)
    positive(price_usd_per_mtok=price_usd_per_mtok)
    return usd_per_hour * 24 / price_usd_per_mtok


if __name__ == "__main__":
    hit, miss, output = DEEPSEEK_DAILY_BTOK
    total = hit + miss + output
    price = revenue_usd(hit, miss, output, *DEEPSEEK_V3_USD_PER_MTOK) / total
    prefill, decode = DEEPSEEK_NODE_TOKENS_PER_S
    per_node = total / average_nodes((hit + miss) * 1e9, prefill, output * 1e9, decode)
    print(f"接口均价 {price:.3f} 美元/百万；DeepSeek 每台每天处理 {10 * per_node:.1f} 亿 token")
    for nodes, gain in ((12, 1), (12, 1 / 3), (2, 1 / SGLANG_GAIN)):
        need = break_even_mtok_per_day(nodes * 8 * 2, price) / 100  # 假设：每卡每小时 2 美元
        able = nodes * 10 * per_node * gain
        print(f"{nodes} 台，效率是它的 {gain:.0%}：平衡点每天 {need:.0f} 亿", end="，")
        print(f"开满能做 {able:.0f} 亿，要用到 {need / able:.0%}")
