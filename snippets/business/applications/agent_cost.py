"""一个智能体任务要调用几次模型，一共花多少钱？"""

AGENT_USD_PER_MTOK = (3, 15)  # 输入、输出标价
CACHE_READ_RATIO = 0.1  # 命中缓存的输入按标价的这个比例收
CACHE_WRITE_RATIO = 1.25  # 有的接口对写入缓存的输入加价，例题没有算


def call_cost_usd(
    input_tokens: int,
    cached_tokens: int,
    output_tokens: int,
    input_usd_per_mtok: float,
    output_usd_per_mtok: float,
    cache_read_ratio: float = 1.0,
) -> float:
    """一次调用的成本 = 未命中输入 × 价 + 命中输入 × 价 × 比例 + 输出 × 价（美元）。

    cached_tokens 是 input_tokens 里命中缓存的部分，不能比它多。
    """
    tokens = {"input_tokens": input_tokens, "output_tokens": output_tokens}
    prices = {"input_usd_per_mtok": input_usd_per_mtok, "output_usd_per_mtok": output_usd_per_mtok}
    for name, value in (tokens | prices | {"cache_read_ratio": cache_read_ratio}).items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} 必须是非负的有限数，收到 {value}")
    if not 0 <= cached_tokens <= input_tokens:
        raise ValueError(f"cached_tokens 必须在 0 到 {input_tokens} 之间，收到 {cached_tokens}")
    billed_input = input_tokens - cached_tokens + cached_tokens * cache_read_ratio
    return (billed_input * input_usd_per_mtok + output_tokens * output_usd_per_mtok) / 1e6


if __name__ == "__main__":
    calls = [(2_500, 0, 150), (3_200, 2_000, 120), (3_800, 3_200, 200)]  # 输入、其中命中、输出
    total = plain = 0.0
    for i, (tokens, cached, output) in enumerate(calls, 1):
        cost = call_cost_usd(tokens, cached, output, *AGENT_USD_PER_MTOK, CACHE_READ_RATIO)
        total += cost
        plain += call_cost_usd(tokens, cached, output, *AGENT_USD_PER_MTOK)
        print(
            f"第 {i} 次：输入 {tokens:,}（命中 {cached:,}），输出 {output}，千次 {cost * 1e3:.2f} 美元"
        )
    inputs, outputs = sum(call[0] for call in calls), sum(call[2] for call in calls)
    print(f"一个任务：输入合计 {inputs:,}，输出合计 {outputs}")
    print(
        f"千个任务 {total * 1e3:.2f} 美元；没有缓存 {plain * 1e3:.2f} 美元，缓存省 {1 - total / plain:.0%}"
    )
    written = calls[-1][1]  # 后来命中过的前缀，最长 3,200 个 token，各写入一次
    surcharge = written * (CACHE_WRITE_RATIO - 1) * AGENT_USD_PER_MTOK[0] / 1e6
    print(f"写入缓存若按标价的 {CACHE_WRITE_RATIO} 倍收，省 {1 - (total + surcharge) / plain:.0%}")
    answer = outputs * AGENT_USD_PER_MTOK[1] / 1e6
    print(f"输出占成本：有缓存 {answer / total:.0%}，没有缓存 {answer / plain:.0%}")
