"""一次训练用多少度电，排多少碳？从公开的卡数、天数和功率重算。"""

GPT3 = (10_000, 14.8, 1_287)  # V100 张数、天、论文给出的 MWh
GPT3_WATTS_PER_GPU = 330
GPT3_PUE = 1.10
US_AVERAGE_PUE = 1.59
US_GRID_KG_PER_KWH = 0.429
BLOOM_GPU_HOURS = 1_082_990
A100_TDP_WATTS = 400
FRANCE_GRID_KG_PER_KWH = 0.057
GLAM_MWH = 456


def energy_kwh(hours: float, chips: int, watts: float, pue: float = 1.0) -> float:
    """电量 = 小时 × 芯片数 × 每片平均功率 × PUE ÷ 1000（Patterson 等，§2.5）。

    PUE 是整个机房与计算设备的用电之比，小于 1 时抛出 ValueError。
    """
    if pue < 1:
        raise ValueError(f"pue 至少是 1，收到 {pue}")
    return hours * chips * watts * pue / 1000


def carbon_t(kwh: float, kg_per_kwh: float) -> float:
    """碳排放（吨）= 电量 × 电网每度电的碳 ÷ 1000。"""
    return kwh * kg_per_kwh / 1000


if __name__ == "__main__":
    gpus, days, published_mwh = GPT3
    gpt3 = energy_kwh(days * 24, gpus, GPT3_WATTS_PER_GPU, GPT3_PUE)
    average = energy_kwh(days * 24, gpus, GPT3_WATTS_PER_GPU, US_AVERAGE_PUE)
    bloom = energy_kwh(BLOOM_GPU_HOURS, 1, A100_TDP_WATTS)  # 论文按标称功率算，未乘 PUE
    for name, kwh, grid in (
        ("GPT-3", gpt3, US_GRID_KG_PER_KWH),
        ("GPT-3，换到美国平均水平的机房", average, US_GRID_KG_PER_KWH),
        ("GPT-3，换成法国的电网", gpt3, FRANCE_GRID_KG_PER_KWH),
        ("BLOOM", bloom, FRANCE_GRID_KG_PER_KWH),
    ):
        print(f"{name}：{kwh / 1000:,.0f} MWh，{carbon_t(kwh, grid):.1f} t")
    print(f"GPT-3 论文值 {published_mwh:,} MWh，相差 {gpt3 / published_mwh / 1000 - 1:.1%}")
    print(f"GLaM 论文值 {GLAM_MWH} MWh，是 GPT-3 的 {GLAM_MWH / published_mwh:.0%}")
    print(f"两个电网每度电的碳相差 {US_GRID_KG_PER_KWH / FRANCE_GRID_KG_PER_KWH:.1f} 倍")
