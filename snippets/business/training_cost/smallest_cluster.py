"""显存决定至少要几张卡；只租这几张，一天多少钱，要训练多久？"""

import math

from business.inference.limits import non_negative, positive
from business.training_cost.activations import activation_bytes_per_layer
from business.training_cost.flops import days, training_flop
from business.training_cost.price import cost_usd
from training.distributed.zero import bytes_per_device
from training.evaluation.whole_run import H100_BF16_TFLOPS, LLAMA3_TOKENS_TRILLION

LLAMA3_8B_LAYERS_WIDTH_HEADS = (32, 4_096, 32)
LLAMA3_70B_LAYERS_WIDTH_HEADS = (80, 8_192, 64)
LLAMA3_405B_LAYERS_WIDTH_HEADS = (126, 16_384, 128)

models = ((8, LLAMA3_8B_LAYERS_WIDTH_HEADS), (70, LLAMA3_70B_LAYERS_WIDTH_HEADS),
          (405, LLAMA3_405B_LAYERS_WIDTH_HEADS))  # fmt: skip


def smallest_cluster(
    params: float, stage: int, memory_bytes: float, activation_bytes: float
) -> float:
    """ZeRO 的某个阶段至少要几张卡（ZeRO 论文 §5 的字节数，反解卡数）。

    激活和不随卡数变的部分先占，剩下的显存分给随卡数变的部分；先占的就放不下，返回无穷大。
    """
    positive(params=params, memory_bytes=memory_bytes)
    non_negative(activation_bytes=activation_bytes)
    fixed = bytes_per_device(params, float("inf"), stage)
    free = memory_bytes - activation_bytes - fixed
    if free <= 0:
        return float("inf")
    return max(1, math.ceil((bytes_per_device(params, 1, stage) - fixed) / free))


if __name__ == "__main__":
    memory, sequence, mfu, usd = 80e9, 8_192, 0.4, 2  # 假设
    print(f"假设：每张卡 {memory / 1e9:.0f} GB，每卡一条 {sequence:,} 的序列，激活全部重算，")
    print(f"MFU {mfu:.0%}，每卡时 {usd} 美元，训练 {LLAMA3_TOKENS_TRILLION} 万亿 token")
    for billion, (layers, width, heads) in models:
        kept = layers * activation_bytes_per_layer(sequence, 1, width, heads, "full")
        working = activation_bytes_per_layer(sequence, 1, width, heads, "selective")
        counts = [smallest_cluster(billion * 1e9, s, memory, kept + working) for s in range(4)]
        gpus = math.ceil(counts[3] / 8) * 8  # 整台租
        flop = training_flop(billion * 1e9, LLAMA3_TOKENS_TRILLION * 1e12)
        years = days(flop, gpus, mfu * H100_BF16_TFLOPS * 1e12) / 365
        shown = "、".join("放不下" if n == math.inf else f"{n}" for n in counts)
        print(f"{billion}B：激活 {(kept + working) / 1e9:.1f} GB；阶段 0 到 3：{shown}")
        print(f"  阶段 3 租 {gpus} 张，每天 {cost_usd(gpus, 24, usd):,.0f} 美元，{years:.1f} 年")
