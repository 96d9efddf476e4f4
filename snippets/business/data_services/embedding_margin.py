"""嵌入接口的毛利率是多少？它取决于租来的卡用了几成。"""

from business.inference.compute_bound import forward_tokens_per_s
from business.inference.margin import gross_margin
from business.inference.token_cost import break_even_utilisation, usd_per_mtok

EMBEDDING_USD_PER_MTOK = 0.02
PERPLEXITY_EMBED_USD_PER_MTOK = 0.004
PERPLEXITY_EMBED_PARAMS_BILLION = 0.6
H100_BF16_TFLOPS = 989  # 稠密峰值
H100_MEDIAN_USD_PER_HOUR = 2.95


def cost_usd_per_mtok(
    params: float, flop_per_s: float, gpu_usd_per_hour: float, utilisation: float
) -> float:
    """嵌入只做一次前向：成本 = 卡时价 ÷ 每小时处理的百万 token 数。flop_per_s 是实际达到的速度。"""
    return usd_per_mtok(gpu_usd_per_hour, forward_tokens_per_s(params, flop_per_s), utilisation)


if __name__ == "__main__":
    params, flop_per_s = 0.3e9, 100e12  # 假设：模型大小、一张卡实际达到的速度
    print(f"假设：{params / 1e9} B 参数，每张卡实际 {flop_per_s / 1e12:.0f} TFLOP/s")
    print(f"卡租 {H100_MEDIAN_USD_PER_HOUR} 美元/小时，嵌入标价 {EMBEDDING_USD_PER_MTOK}", end="")
    print(" 美元/百万 token")
    for used in (1.0, 0.5, 0.2):
        cost = cost_usd_per_mtok(params, flop_per_s, H100_MEDIAN_USD_PER_HOUR, used)
        margin = gross_margin(EMBEDDING_USD_PER_MTOK, cost)
        print(f"利用率 {used}：成本 {cost:.4f} 美元/百万 token，毛利率 {margin:.0%}")
    tokens_per_s = forward_tokens_per_s(params, flop_per_s)
    for cut in (1, 0.5, 0.2):
        price = EMBEDDING_USD_PER_MTOK * cut
        floor = break_even_utilisation(H100_MEDIAN_USD_PER_HOUR, tokens_per_s, price)
        print(f"售价 {price:.3f} 美元：利用率低于 {floor:.0%} 就亏")
    peak_tokens_per_s = forward_tokens_per_s(
        PERPLEXITY_EMBED_PARAMS_BILLION * 1e9, H100_BF16_TFLOPS * 1e12
    )
    floor = break_even_utilisation(
        H100_MEDIAN_USD_PER_HOUR, peak_tokens_per_s, PERPLEXITY_EMBED_USD_PER_MTOK
    )
    print(f"Perplexity：{PERPLEXITY_EMBED_PARAMS_BILLION} B 参数，", end="")
    print(f"卖 {PERPLEXITY_EMBED_USD_PER_MTOK} 美元，MFU 乘利用率低于 {floor:.0%} 就亏")
