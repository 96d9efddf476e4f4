"""从单机吞吐出发，一天的请求要占多少台机器？"""

from business.inference.daily_account import (
    DEEPSEEK_AVERAGE_NODES,
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_GPU_USD_PER_HOUR,
    gpu_cost_usd,
)
from business.inference.limits import non_negative, positive

DEEPSEEK_NODE_TOKENS_PER_S = (73_700, 14_800)  # 每节点：预填充（含命中）、解码


def average_nodes(
    input_tokens: float,
    input_tokens_per_s: float,
    output_tokens: float,
    output_tokens_per_s: float,
    seconds: float = 86_400,
) -> float:
    """平均占用的节点数 = (输入 ÷ 每节点预填充吞吐 + 输出 ÷ 每节点解码吞吐) ÷ 秒数。"""
    non_negative(input_tokens=input_tokens, output_tokens=output_tokens)
    positive(input_tokens_per_s=input_tokens_per_s, output_tokens_per_s=output_tokens_per_s)
    positive(seconds=seconds)
    node_seconds = input_tokens / input_tokens_per_s + output_tokens / output_tokens_per_s
    return node_seconds / seconds


if __name__ == "__main__":
    prefill, decode = DEEPSEEK_NODE_TOKENS_PER_S
    hit, miss, output = (n * 1e9 for n in DEEPSEEK_DAILY_BTOK)
    nodes = average_nodes(hit + miss, prefill, output, decode)
    print(f"由吞吐推出平均 {nodes:.2f} 个节点，来源印 {DEEPSEEK_AVERAGE_NODES}", end="，")
    print(f"相差 {abs(nodes / DEEPSEEK_AVERAGE_NODES - 1):.2%}")
    parts = {
        "预填充": (average_nodes(hit + miss, prefill, 0, decode), hit + miss),
        "其中的钱全摊给未命中的输入": (average_nodes(hit + miss, prefill, 0, decode), miss),
        "解码": (average_nodes(0, prefill, output, decode), output),
        "不分种类": (nodes, hit + miss + output),
    }
    for name, (busy, tokens) in parts.items():
        usd = gpu_cost_usd(busy, 8, DEEPSEEK_GPU_USD_PER_HOUR, 24)
        print(f"{name}：{busy * 24:,.0f} 节点小时，每百万 token {usd / tokens * 1e6:.3f} 美元")
