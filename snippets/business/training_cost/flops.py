"""参数和 token 定了，要算多少次，折成多少卡时、多少天？"""

from business.inference.limits import fraction, non_negative, positive
from training.evaluation import whole_run
from training.evaluation.mfu import flop_per_token

GPT3_PARAMETERS_TOKENS_BILLION = (175, 300)
GPT3_FLOP = 3.14e23
LLAMA3_MFU_8K_16K_PERCENT = (43, 41)


def training_flop(params: float, tokens: float, flop_per_param: float = 6) -> float:
    """训练的总运算次数 = 系数 × 参数 × token（PaLM，附录 B）。

    系数是每个参数、每个 token 的运算：前向 2 加反向 4 是 6；激活全部重算，再加一遍前向是 8。
    混合专家模型的 params 取每个 token 激活的参数。
    """
    positive(params=params, flop_per_param=flop_per_param)
    non_negative(tokens=tokens)
    return flop_per_param * params * tokens


def gpu_hours(flop: float, peak_flop_per_s: float, mfu: float) -> float:
    """卡时 = 运算次数 ÷（稠密峰值 × MFU）÷ 3600。"""
    non_negative(flop=flop)
    positive(peak_flop_per_s=peak_flop_per_s)
    fraction(mfu=mfu)
    return flop / (peak_flop_per_s * mfu) / 3_600


def days(flop: float, gpus: float, flop_per_s_per_gpu: float) -> float:
    """天数 = 运算次数 ÷（卡数 × 每张卡实际做到的 FLOP/s）÷ 86400，假定一刻不停。"""
    non_negative(flop=flop)
    positive(gpus=gpus, flop_per_s_per_gpu=flop_per_s_per_gpu)
    return flop / (gpus * flop_per_s_per_gpu) / 86_400


if __name__ == "__main__":
    gpt3 = [billion * 1e9 for billion in GPT3_PARAMETERS_TOKENS_BILLION]
    plain, recomputed = training_flop(*gpt3), training_flop(*gpt3, flop_per_param=8)
    print(f"GPT-3：6ND = {plain:.2e}，论文值 {GPT3_FLOP:.2e}，差 {plain / GPT3_FLOP - 1:.1%}")
    print(f"全部重算，8ND = {recomputed:.2e}，多 {recomputed / plain - 1:.0%}")

    params = whole_run.LLAMA31_PARAMETERS_BILLION * 1e9
    layers, width, _ = whole_run.LLAMA31_LAYERS_WIDTH_SEQUENCE
    flop = training_flop(params, whole_run.LLAMA3_TOKENS_TRILLION * 1e12)
    peak, mfu = whole_run.H100_BF16_TFLOPS * 1e12, LLAMA3_MFU_8K_16K_PERCENT[1] / 100
    hours = gpu_hours(flop, peak, mfu) / 1e4
    published = whole_run.LLAMA31_405B_GPU_HOURS_MILLION * 100
    print(f"Llama-3.1-405B：6ND = {flop:.2e}，公布 {published:,.0f} 万卡时")
    print(f"  按 MFU {mfu:.0%}，一刻不停：{hours:,.0f} 万卡时")
    for sequence in (8_192, 131_072):
        share = flop_per_token(params, layers, 1, width, sequence) / flop_per_token(params) - 1
        print(f"  序列长 {sequence:,}：注意力再加 {share:.1%}，{hours * (1 + share):,.0f} 万卡时")
