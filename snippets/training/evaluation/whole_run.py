"""一次训练从头到尾用到峰值算力的百分之几？用总卡时算，停机和重跑都躲不掉。"""

H100_BF16_TFLOPS = 989
LLAMA31_405B_GPU_HOURS_MILLION = 30.84
LLAMA3_TOKENS_TRILLION = 15.6
LLAMA31_PARAMETERS_BILLION = 405
DEEPSEEK_V3_GPU_HOURS_PER_TRILLION = 180_000
DEEPSEEK_V3_ACTIVE_BILLION = 37
DEEPSEEK_V3_GPUS = 2_048


def whole_run_mfu(gpu_hours: float, tokens: float, parameters: float, peak_flop_per_s: float):
    """全程 MFU = 6ND ÷ (卡时 × 3600 × 峰值)。混合专家模型的 N 取每个 token 激活的参数。

    卡时不是正数时抛出 ValueError。
    """
    if gpu_hours <= 0:
        raise ValueError(f"gpu_hours 必须是正数，收到 {gpu_hours}")
    return 6 * parameters * tokens / (gpu_hours * 3600 * peak_flop_per_s)


def days(gpu_hours: float, gpus: int) -> float:
    """全部卡同时工作时，gpu_hours 卡时要几天。"""
    return gpu_hours / gpus / 24


if __name__ == "__main__":
    llama = whole_run_mfu(
        LLAMA31_405B_GPU_HOURS_MILLION * 1e6,
        LLAMA3_TOKENS_TRILLION * 1e12,
        LLAMA31_PARAMETERS_BILLION * 1e9,
        H100_BF16_TFLOPS * 1e12,
    )
    deepseek = whole_run_mfu(
        DEEPSEEK_V3_GPU_HOURS_PER_TRILLION,
        1e12,
        DEEPSEEK_V3_ACTIVE_BILLION * 1e9,
        H100_BF16_TFLOPS * 1e12,
    )
    print(f"Llama-3.1-405B：全程 MFU {llama:.1%}")
    print(f"DeepSeek-V3：全程 MFU {deepseek:.1%}")
    wait = days(DEEPSEEK_V3_GPU_HOURS_PER_TRILLION, DEEPSEEK_V3_GPUS)
    print(f"DeepSeek-V3：2,048 张卡训练一万亿 token 要 {wait:.1f} 天")
