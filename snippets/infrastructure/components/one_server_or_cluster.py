"""BERT 和 GPT-3 都叫“大模型”吗？训练各要多少卡时、多少电？"""

BERT_SMALL = (8, 36, 37.3)  # V100 张数、小时、kWh（只计 GPU）
BERT_BASE = (64, 79, 1_507)  # V100 张数、小时、kWh（含 PUE）
GPT3 = (10_000, 14.8, 1_287)  # V100 张数、天、MWh（含 PUE）


def gpu_hours(gpus: int, hours: float) -> float:
    return gpus * hours


if __name__ == "__main__":
    gpus, days, mwh = GPT3
    gpt3, gpt3_kwh = gpu_hours(gpus, days * 24), mwh * 1_000
    print(f"GPT-3：{gpus:,} 张 V100，{days} 天，{gpt3:,.0f} 卡时，{mwh:,} MWh")
    for name, (gpus, hours, kwh) in {"BERT-small": BERT_SMALL, "BERT-base": BERT_BASE}.items():
        bert = gpu_hours(gpus, hours)
        print(f"{name}：{gpus} 张 V100，{hours} 小时，{bert:,.0f} 卡时，{kwh:,} kWh")
        print(f"  GPT-3 的卡时是它的 {gpt3 / bert:,.0f} 倍，用电是 {gpt3_kwh / kwh:,.0f} 倍")
    print(f"若用 8 张 V100 训练 GPT-3：{gpt3 / 8 / 8_760:.0f} 年")
