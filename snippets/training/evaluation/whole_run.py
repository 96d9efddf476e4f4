"""一次训练从头到尾用到峰值算力的百分之几？用总卡时算，停机和重跑都躲不掉。"""

H100_BF16_TFLOPS = 989
LLAMA31_405B_GPU_HOURS_MILLION = 30.84
LLAMA3_TOKENS_TRILLION = 15.6
LLAMA31_PARAMETERS_BILLION = 405
LLAMA31_LAYERS_WIDTH_SEQUENCE = (126, 16_384, 8_192)  # 宽度是头数乘每头维数
DEEPSEEK_V3_GPU_HOURS_PER_TRILLION = 180_000
DEEPSEEK_V3_ACTIVE_100M = 370  # 亿
DEEPSEEK_V3_GPUS = 2_048


def whole_run_mfu(
    gpu_hours: float, tokens: float, parameters: float, peak_flop_per_s: float, attention: int = 0
) -> float:
    """全程 MFU = (6N + 注意力) × D ÷ (卡时 × 3600 × 峰值)。混合专家模型的 N 取每个 token 激活的参数。

    attention 是每个 token 的注意力运算次数 12·L·(H·Q)·T，默认不计。卡时不是正数时抛出 ValueError。
    """
    if gpu_hours <= 0:
        raise ValueError(f"gpu_hours 必须是正数，收到 {gpu_hours}")
    return (6 * parameters + attention) * tokens / (gpu_hours * 3600 * peak_flop_per_s)


def days(gpu_hours: float, gpus: int) -> float:
    """全部卡同时工作时，gpu_hours 卡时要几天。"""
    return gpu_hours / gpus / 24


if __name__ == "__main__":
    layers, width, sequence = LLAMA31_LAYERS_WIDTH_SEQUENCE
    llama = (
        LLAMA31_405B_GPU_HOURS_MILLION * 1e6,
        LLAMA3_TOKENS_TRILLION * 1e12,
        LLAMA31_PARAMETERS_BILLION * 1e9,
        H100_BF16_TFLOPS * 1e12,
    )
    with_attention = whole_run_mfu(*llama, attention=12 * layers * width * sequence)
    deepseek = whole_run_mfu(
        DEEPSEEK_V3_GPU_HOURS_PER_TRILLION,
        1e12,
        DEEPSEEK_V3_ACTIVE_100M * 1e8,
        H100_BF16_TFLOPS * 1e12,
    )
    print(f"Llama-3.1-405B，只算 6N：全程 MFU {whole_run_mfu(*llama):.1%}")
    print(f"Llama-3.1-405B，加上注意力：全程 MFU {with_attention:.1%}")
    print(f"DeepSeek-V3，只算 6N：全程 MFU {deepseek:.1%}")
    wait = days(DEEPSEEK_V3_GPU_HOURS_PER_TRILLION, DEEPSEEK_V3_GPUS)
    print(f"DeepSeek-V3：2,048 张卡训练一万亿 token 要 {wait:.1f} 天")
