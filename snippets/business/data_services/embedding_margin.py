"""嵌入接口的毛利率是多少？它取决于租来的卡用了几成。"""

EMBEDDING_USD_PER_MTOK = 0.02
H100_MEDIAN_USD_PER_HOUR = 2.95


def cost_usd_per_mtok(
    params: float, flop_per_s: float, gpu_usd_per_hour: float, utilisation: float
) -> float:
    """成本 = 卡时价 ÷ 每小时处理的 token 数。前向计算每个参数、每个 token 两次浮点运算。"""
    if not 0 < utilisation <= 1:
        raise ValueError(f"utilisation 必须大于 0 且不超过 1，收到 {utilisation}")
    for name, value in {"params": params, "flop_per_s": flop_per_s}.items():
        if not 0 < value < float("inf"):
            raise ValueError(f"{name} 必须是有限的正数，收到 {value}")
    if not 0 <= gpu_usd_per_hour < float("inf"):
        raise ValueError(f"gpu_usd_per_hour 必须是非负的有限数，收到 {gpu_usd_per_hour}")
    tokens_per_hour = flop_per_s * 3_600 * utilisation / (2 * params)
    return gpu_usd_per_hour / tokens_per_hour * 1e6


def gross_margin(price: float, cost: float) -> float:
    """毛利率 = (价格 − 成本) ÷ 价格。"""
    if not 0 < price < float("inf"):
        raise ValueError(f"price 必须是有限的正数，收到 {price}")
    if not 0 <= cost < float("inf"):
        raise ValueError(f"cost 必须是非负的有限数，收到 {cost}")
    return (price - cost) / price


if __name__ == "__main__":
    params, flop_per_s = 0.3e9, 100e12  # 假设：模型大小、一张卡实际达到的速度
    print(f"假设：{params / 1e9} B 参数，每张卡实际 {flop_per_s / 1e12:.0f} TFLOP/s")
    print(
        f"卡租 {H100_MEDIAN_USD_PER_HOUR} 美元/小时，售价 {EMBEDDING_USD_PER_MTOK} 美元/百万 token"
    )
    for used in (1.0, 0.5, 0.2):
        cost = cost_usd_per_mtok(params, flop_per_s, H100_MEDIAN_USD_PER_HOUR, used)
        margin = gross_margin(EMBEDDING_USD_PER_MTOK, cost)
        print(f"利用率 {used}：成本 {cost:.4f} 美元/百万 token，毛利率 {margin:.0%}")
    full = cost_usd_per_mtok(params, flop_per_s, H100_MEDIAN_USD_PER_HOUR, 1)
    print(f"利用率低于 {full / EMBEDDING_USD_PER_MTOK:.0%} 就亏")
