"""给定集群要训练多少天？八份公开的计划，和两份实际的记录。"""

from business.training_cost.flops import days, training_flop
from business.training_cost.megatron_flop import OPT_FLOP
from training.energy.training_energy import BLOOM_GPU_HOURS

# 每个参数每个 token 的运算次数、十亿参数、十亿 token、卡数、每张卡的 TFLOP/s、公布的天数
GPT3_V100_PLAN = (6, 175, 300, 10_000, 24.6, 14.8)
NANOGPT_PLAN = (6, 0.124337664, 300, 8, 93.6, 3.46)
BIGSCIENCE_13B_PLAN = (8, 13, 300, 256, 45, 31.35)
BLOOM_PLAN = (8, 167, 450, 384, 150, 120.80)
MEGATRON_175B_PLAN = (8, 175, 300, 1_024, 140, 34)
MEGATRON_1T_PLAN = (8, 1_008, 450, 3_072, 163, 84)
SCALING_BOOK_70B_PLAN = (6, 70, 15_000, 8_960, 183.6, 44)
OPT_GPUS_TFLOPS_DAYS = (1_024, 147, 33)
OPT_CALENDAR_DAYS = 56
BLOOM_PARAMETERS_TOKENS_BILLION = (176.247, 366)

plans = {
    "nanoGPT，8 张 A100": NANOGPT_PLAN,
    "GPT-3，V100": GPT3_V100_PLAN,
    "13B，V100": BIGSCIENCE_13B_PLAN,
    "GPT-3，A100": MEGATRON_175B_PLAN,
    "Llama-3-70B，TPU v5p": SCALING_BOOK_70B_PLAN,
    "1T，A100": MEGATRON_1T_PLAN,
    "BLOOM，A100": BLOOM_PLAN,
}

if __name__ == "__main__":
    for name, (factor, params, tokens, gpus, tflops, published) in plans.items():
        flop = training_flop(params * 1e9, tokens * 1e9, factor)
        print(f"{name}：{factor}ND，{days(flop, gpus, tflops * 1e12):.2f} 天，公布 {published}")
    gpus, tflops, published = OPT_GPUS_TFLOPS_DAYS
    opt = days(OPT_FLOP, gpus, tflops * 1e12)
    print(f"OPT-175B，A100：公布的 FLOP，{opt:.2f} 天，公布 {published}")

    print("计划和实际：")
    print(f"  OPT-175B 日历上 {OPT_CALENDAR_DAYS} 天，多 {OPT_CALENDAR_DAYS / opt - 1:.0%}")
    factor, _, _, gpus, tflops, _ = BLOOM_PLAN
    params, tokens = BLOOM_PARAMETERS_TOKENS_BILLION
    flop = training_flop(params * 1e9, tokens * 1e9, factor)
    actual, plan = BLOOM_GPU_HOURS / gpus / 24, days(flop, gpus, tflops * 1e12)
    print(f"  BLOOM 只训练 {tokens} B token，照计划的速度 {plan:.1f} 天，", end="")
    print(f"按总卡时 {actual:.1f} 天，多 {actual / plan - 1:.0%}")
