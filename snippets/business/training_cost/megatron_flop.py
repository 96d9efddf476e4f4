"""逐项数一批数据要算多少次：注意力和词表让 8ND 差多少？"""

from business.inference.limits import positive
from business.training_cost.flops import days, training_flop
from business.training_cost.params import megatron_params

MEGATRON_175B_SHAPE = (96, 12_288, 51_200, 2_048)  # 层、宽、词表、序列长
MEGATRON_175B_BATCH = 1_536
MEGATRON_384_GPUS_TFLOPS_DAYS = (384, 153, 84)
OPT_FLOP = 4.30e23


def megatron_flop_per_batch(
    batch: float, sequence: float, layers: float, width: float, vocab: float
) -> float:
    """一批的运算次数：96Bslh²(1 + s/(6h) + V/(16lh))（arXiv:2104.04473 式 3）。

    96 = 8 × 12：每个参数 8 次，含全部重算；每层 12h² 个参数。后两项是注意力和输出层。
    """
    positive(batch=batch, sequence=sequence, layers=layers, width=width, vocab=vocab)
    rest = sequence / (6 * width) + vocab / (16 * layers * width)
    return 96 * batch * sequence * layers * width**2 * (1 + rest)


if __name__ == "__main__":
    layers, width, vocab, sequence = MEGATRON_175B_SHAPE
    tokens, batch = 300e9, MEGATRON_175B_BATCH
    params = megatron_params(*MEGATRON_175B_SHAPE)
    steps = tokens / (batch * sequence)
    exact = steps * megatron_flop_per_batch(batch, sequence, layers, width, vocab)
    simple = training_flop(params, tokens, flop_per_param=8)
    print(f"{params / 1e9:.1f} B 参数，{tokens / 1e9:.0f} B token，全部重算")
    print(f"8ND = {simple:.2e}，逐项数 {exact:.2e}，多 {exact / simple - 1:.1%}")
    print(f"同样形状的 OPT-175B，公布值 {OPT_FLOP:.2e}")
    gpus, tflops, published = MEGATRON_384_GPUS_TFLOPS_DAYS
    short, long = (days(flop, gpus, tflops * 1e12) for flop in (simple, exact))
    print(f"{gpus} 张、每张 {tflops} TFLOP/s：8ND {short:.1f} 天，逐项数 {long:.1f} 天，", end="")
    print(f"论文 {published} 天")
