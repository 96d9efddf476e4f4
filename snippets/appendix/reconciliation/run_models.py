"""训练的几行由几个公式合成：各用到哪几页的函数？"""

from appendix.reconciliation.summary import users
from business.training_cost.activations import activation_bytes_per_layer
from business.training_cost.flops import days, training_flop
from business.training_cost.megatron_flop import megatron_flop_per_batch
from training.evaluation.mfu import flop_per_token, mfu


def training_days(params, tokens, flop_per_param, gpus, flop_per_s_per_gpu):
    """训练的天数：系数 × 参数 × token ÷ 每天的运算次数。"""
    return days(training_flop(params, tokens, flop_per_param), gpus, flop_per_s_per_gpu)


def megatron_days(tokens, sequence, layers, width, vocab, gpus, flop_per_s_per_gpu):
    """训练的天数，运算次数按 Megatron 论文的式 3，含注意力、输出层和全部重算。"""
    flop = megatron_flop_per_batch(1, sequence, layers, width, vocab) * tokens / sequence
    return days(flop, gpus, flop_per_s_per_gpu)


def megatron_mfu(batch, sequence, layers, width, vocab, seconds, gpus, peak_flop_per_s):
    """MFU，运算次数取式 3 去掉重算：每层四遍变三遍，输出层本来就是三遍，所以词表先放大。"""
    flop = 3 / 4 * megatron_flop_per_batch(batch, sequence, layers, width, vocab * 4 / 3)
    return mfu(1 / seconds, flop, gpus, peak_flop_per_s)


def attention_mfu(tokens_per_s, params, layers, heads, head_dim, sequence, chips, peak_flop_per_s):
    """MFU，计入注意力（PaLM 附录 B）。"""
    flop = flop_per_token(params, layers, heads, head_dim, sequence)
    return mfu(tokens_per_s, flop, chips, peak_flop_per_s)


def step_mfu(flop_per_sequence, sequences, seconds, gpus, peak_flop_per_s):
    """MFU，由一步的序列数和秒数算。"""
    return mfu(sequences / seconds, flop_per_sequence, gpus, peak_flop_per_s)


def achieved_mfu(flop_per_s_per_gpu, peak_flop_per_s):
    """MFU，来源直接给出每张卡达到的 FLOP/s。"""
    return mfu(1, flop_per_s_per_gpu, 1, peak_flop_per_s)


def selective_saving(heads, sequence, width):
    """选择性重算省下的激活显存占比。"""
    shape = (sequence, 1, width, heads)
    return 1 - activation_bytes_per_layer(*shape, "selective") / activation_bytes_per_layer(*shape)


if __name__ == "__main__":
    print(*users(__file__), sep="\n")
