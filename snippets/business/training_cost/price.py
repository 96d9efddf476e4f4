"""卡时乘单价就是账单：公开的几笔训练各花了多少？"""

from business.inference.limits import non_negative
from business.training_cost.flops import GPT3_FLOP

GPT2_CHIPS_HOURS_USD = (32, 168, 8)  # 2019 年，TPU v3
NANOCHAT_GPUS_HOURS_USD = (8, 2, 3)  # 2026 年，H100
LLMC_1558M_STEPS_SECONDS_USD = (32_000, 2.7, 28)  # 2024 年，八张 H100 一小时的价钱
LLMC_124M_STEPS_SECONDS_USD = (18_865, 0.3, 14)  # 2024 年，八张 A100 一小时的价钱
GPT3_LAMBDA_TFLOPS_YEARS_MUSD = (28, 355, 4.6)  # 2020 年，V100
DEEPSEEK_V3_KGPU_HOURS = (2_664, 119, 5)  # 预训练、加长上下文、后训练
DEEPSEEK_GPU_USD_PER_HOUR = 2


def cost_usd(gpus: float, hours: float, usd_per_gpu_hour: float) -> float:
    """租金 = 卡数 × 小时 × 单价。只有算力，不含人、数据和没有发布的训练。"""
    non_negative(gpus=gpus, hours=hours, usd_per_gpu_hour=usd_per_gpu_hour)
    return gpus * hours * usd_per_gpu_hour


if __name__ == "__main__":
    for name, (steps, seconds, node_usd) in (
        ("llm.c GPT-2 124M", LLMC_124M_STEPS_SECONDS_USD),
        ("llm.c GPT-2 1558M", LLMC_1558M_STEPS_SECONDS_USD),
    ):
        hours = steps * seconds / 3_600
        print(f"{name}：{hours * 60:,.1f} 分钟，{cost_usd(8, hours, node_usd / 8):.0f} 美元")
    chips, hours, usd = GPT2_CHIPS_HOURS_USD
    old_chip_hours, old = chips * hours, cost_usd(chips, hours, usd)
    gpus, hours, cheaper = NANOCHAT_GPUS_HOURS_USD
    new = cost_usd(gpus, hours, cheaper)
    print(f"GPT-2 的水平：2019 年 {old:,} 美元，2026 年 {new} 美元，前者是 {old / new:.0f} 倍")
    print(f"  单价是 {usd / cheaper:.1f} 倍，芯片小时是 {old_chip_hours / (gpus * hours):.0f} 倍")

    tflops, years, million = GPT3_LAMBDA_TFLOPS_YEARS_MUSD
    hours = GPT3_FLOP / (tflops * 1e12) / 3_600
    print(f"GPT-3：{hours / 8_760:.1f} 张 V100 算一年，公布 {years}；", end="")
    print(f"公布 {million * 100:.0f} 万美元，合每卡时 {million * 1e6 / hours:.2f} 美元")

    hours, usd = sum(DEEPSEEK_V3_KGPU_HOURS) * 1e3, DEEPSEEK_GPU_USD_PER_HOUR
    print(f"DeepSeek-V3：{hours / 1e4} 万卡时，假设每卡时 {usd} 美元，", end="")
    print(f"{cost_usd(1, hours, usd) / 1e4:.1f} 万美元")
