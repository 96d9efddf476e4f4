"""一个用户一个月花掉多少模型费？改哪一项最管用？"""

from business.applications.agent_cost import AGENT_USD_PER_MTOK, CACHE_READ_RATIO, call_cost_usd
from business.inference.limits import non_negative


def monthly_cogs_usd(
    calls_per_month: float,
    input_tokens: float,
    cached_tokens: float,
    output_tokens: float,
    input_usd_per_mtok: float,
    output_usd_per_mtok: float,
    cache_read_ratio: float = 1.0,
) -> float:
    """每个用户每月的销售成本（美元）= 每月调用次数 × 平均一次调用的成本。

    token 数是每次调用的平均值。会计定义；只含模型费，不含托管、客服和免费用户。
    """
    non_negative(calls_per_month=calls_per_month)
    return calls_per_month * call_cost_usd(
        input_tokens,
        cached_tokens,
        output_tokens,
        input_usd_per_mtok,
        output_usd_per_mtok,
        cache_read_ratio,
    )


if __name__ == "__main__":
    price_in, price_out = AGENT_USD_PER_MTOK
    ratio = CACHE_READ_RATIO
    calls, tokens = 600, (4_000, 3_000, 400)  # 假设：每月次数；每次的输入、其中命中、输出
    base = monthly_cogs_usd(calls, *tokens, price_in, price_out, ratio)
    print(f"假设：每月 {calls} 次，每次输入 {tokens[0]:,}、命中 {tokens[1]:,}、输出 {tokens[2]}")
    print(f"标价 {price_in} 与 {price_out} 美元，命中按 {ratio} 收：每人每月 {base:.2f} 美元")
    small = monthly_cogs_usd(calls, *tokens, price_in / 10, price_out / 10, ratio)
    changes = {
        "用量加倍": monthly_cogs_usd(2 * calls, *tokens, price_in, price_out, ratio),
        "token 降价 50%": monthly_cogs_usd(calls, *tokens, price_in / 2, price_out / 2, ratio),
        "用量加倍，同时降价 50%": monthly_cogs_usd(
            2 * calls, *tokens, price_in / 2, price_out / 2, ratio
        ),
        "没有缓存": monthly_cogs_usd(calls, *tokens, price_in, price_out),
        "未命中的输入减半": monthly_cogs_usd(calls, 3_500, *tokens[1:], price_in, price_out, ratio),
        "输出减半": monthly_cogs_usd(calls, *tokens[:2], 200, price_in, price_out, ratio),
        "80% 的调用换成价格 1/10 的小模型": 0.2 * base + 0.8 * small,
    }
    for change, cost in changes.items():
        print(f"{change}：{cost:.2f} 美元，{cost / base - 1:+.0%}")
