"""一百万 token 的成本是多少？利用率多高才不亏？"""

from business.inference.limits import fraction, non_negative, positive
from business.inference.margin import gross_margin

SGLANG_DECODE_TOKENS_PER_S = 22_282  # 每台八卡 H100，只做解码
H100_MEDIAN_USD_PER_HOUR = 2.95  # 各家按需标价的中位数
DEEPSEEK_V3_USD_PER_MTOK = (0.07, 0.27, 1.10)  # 标价：输入命中、输入未命中、输出


def usd_per_mtok(usd_per_hour: float, tokens_per_s: float, utilisation: float = 1.0) -> float:
    """每百万 token 的成本（美元）= 每小时的钱 ÷ 每小时真正产出的百万 token 数。

    tokens_per_s 是满载吞吐，utilisation 是时间平均的负载占满载的比例（成本会计定义）。
    """
    non_negative(usd_per_hour=usd_per_hour)
    positive(tokens_per_s=tokens_per_s)
    fraction(utilisation=utilisation)
    return usd_per_hour / (tokens_per_s * 3_600 * utilisation / 1e6)


def break_even_utilisation(
    usd_per_hour: float, tokens_per_s: float, price_usd_per_mtok: float
) -> float:
    """成本等于售价时的利用率 = 满载成本 ÷ 售价；大于 1 表示满载也亏。"""
    positive(price_usd_per_mtok=price_usd_per_mtok)
    return usd_per_mtok(usd_per_hour, tokens_per_s) / price_usd_per_mtok


if __name__ == "__main__":
    speed, price = SGLANG_DECODE_TOKENS_PER_S, DEEPSEEK_V3_USD_PER_MTOK[2]
    node = 8 * 2.0  # 假设：每张卡每小时 2 美元
    print(f"假设每台 {node:.0f} 美元/小时；满载解码 {speed:,} token/s，标价 {price:.2f} 美元")
    for used in (1.0, 0.5, 0.25):
        cost = usd_per_mtok(node, speed, used)
        print(f"利用率 {used:.0%}：每百万输出 token 成本 {cost:.2f} 美元", end="，")
        print(f"毛利率 {gross_margin(price, cost):.0%}")
    median = usd_per_mtok(8 * H100_MEDIAN_USD_PER_HOUR, speed)
    print(f"卡租 {H100_MEDIAN_USD_PER_HOUR} 美元/小时时，满载成本 {median:.2f} 美元")
    print(f"满载成本是标价的 {usd_per_mtok(node, speed) / price:.0%}", end="，")
    print(f"利用率低于 {break_even_utilisation(node, speed, price):.1%} 就亏")
    print(f"吞吐减半，要 {break_even_utilisation(node, speed / 2, price):.1%}", end="；")
    print(f"标价减半，也要 {break_even_utilisation(node, speed, price / 2):.1%}")
