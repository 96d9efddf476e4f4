"""最后一次预训练的钱，要卖几天 token 才收得回？"""

from business.inference.daily_account import (
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_DAILY_REVENUE_USD,
    DEEPSEEK_GPU_USD_PER_HOUR,
    revenue_usd,
)
from business.inference.limits import non_negative
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK
from business.outlook.three_models import daily_cost_usd
from business.training_cost.price import cost_usd

DEEPSEEK_V3_GPU_HOURS_PER_TRILLION = 180_000
DEEPSEEK_V3_TOKENS_TRILLION = 14.8


def days_to_recover(training_usd: float, revenue_usd: float, serving_usd: float) -> float:
    """天数 = 训练成本 ÷ (一天的收入 − 一天的推理成本)；每天的毛利不为正就收不回，返回无穷大。"""
    non_negative(training_usd=training_usd, revenue_usd=revenue_usd, serving_usd=serving_usd)
    profit_usd = revenue_usd - serving_usd
    return training_usd / profit_usd if profit_usd > 0 else float("inf")


if __name__ == "__main__":
    hours = DEEPSEEK_V3_GPU_HOURS_PER_TRILLION * DEEPSEEK_V3_TOKENS_TRILLION
    training = cost_usd(1, hours, DEEPSEEK_GPU_USD_PER_HOUR)
    print(f"预训练 {hours / 1e4:.1f} 万卡时，按 {DEEPSEEK_GPU_USD_PER_HOUR} 美元", end="：")
    print(f"{training / 1e4:.0f} 万美元")
    mtok = [1_000 * btok for btok in DEEPSEEK_DAILY_BTOK]
    v3 = revenue_usd(*mtok, *DEEPSEEK_V3_USD_PER_MTOK)
    for name, revenue in (("R1", DEEPSEEK_DAILY_REVENUE_USD), ("V3", v3)):
        for realised in (1.0, 0.5):
            days = days_to_recover(training, realised * revenue, daily_cost_usd)
            print(f"{name} 标价，实收 {realised:.0%}：{days:.0f} 天收回")
