"""用公布的总卡时算：全程 MFU 是多少，按每卡时 2 美元要多少钱？"""

from business.training_cost.params import LLAMA2_VOCAB, LLAMA3_70B_SHAPE, llama_params
from business.training_cost.planned_days import BLOOM_PARAMETERS_TOKENS_BILLION
from business.training_cost.price import DEEPSEEK_V3_KGPU_HOURS, cost_usd
from training.energy.training_energy import BLOOM_GPU_HOURS
from training.evaluation import whole_run

A100_BF16_TFLOPS = 312
LLAMA2_70B_GPU_HOURS = 1_720_320
LLAMA2_TOKENS_TRILLION = 2
DEEPSEEK_V3_TOKENS_TRILLION = 14.8
H100_MEDIAN_USD_PER_HOUR = 2.95  # 2026 年 5 月
H100_EARLY_2024_USD_PER_HOUR = 7  # 2024 年初，来源说“高于”

llama2_params = llama_params(*LLAMA3_70B_SHAPE[:-1], LLAMA2_VOCAB) / 1e9
llama31_hours = whole_run.LLAMA31_405B_GPU_HOURS_MILLION * 1e6
llama31 = (whole_run.LLAMA31_PARAMETERS_BILLION, whole_run.LLAMA3_TOKENS_TRILLION * 1e3)
deepseek = (whole_run.DEEPSEEK_V3_ACTIVE_100M / 10, DEEPSEEK_V3_TOKENS_TRILLION * 1e3)

# 总卡时、（十亿参数、十亿 token）、每张卡的峰值；混合专家的参数取激活的
runs = {
    "BLOOM": (BLOOM_GPU_HOURS, BLOOM_PARAMETERS_TOKENS_BILLION, A100_BF16_TFLOPS),
    "Llama-2-70B": (
        LLAMA2_70B_GPU_HOURS,
        (llama2_params, LLAMA2_TOKENS_TRILLION * 1e3),
        A100_BF16_TFLOPS,
    ),
    "DeepSeek-V3 预训练": (DEEPSEEK_V3_KGPU_HOURS[0] * 1e3, deepseek, whole_run.H100_BF16_TFLOPS),
    "Llama-3.1-405B": (llama31_hours, llama31, whole_run.H100_BF16_TFLOPS),
}

if __name__ == "__main__":
    usd = 2
    print(f"假设每卡时 {usd} 美元：")
    for name, (hours, (params, tokens), tflops) in runs.items():
        mfu = whole_run.whole_run_mfu(hours, tokens * 1e9, params * 1e9, tflops * 1e12)
        print(f"{name}：{hours / 1e4:,.0f} 万卡时，全程 MFU {mfu:.1%}，", end="")
        print(f"{cost_usd(1, hours, usd) / 1e4:,.0f} 万美元")
    for usd in (H100_MEDIAN_USD_PER_HOUR, H100_EARLY_2024_USD_PER_HOUR):
        bill = cost_usd(1, llama31_hours, usd)
        print(f"Llama-3.1-405B 改按每卡时 {usd} 美元：{bill / 1e4:,.0f} 万美元")
