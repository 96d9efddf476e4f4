"""一个智能体任务要调用几次模型，一共花多少钱？"""

from business.inference.daily_account import revenue_usd
from business.inference.limits import non_negative

AGENT_USD_PER_MTOK = (3, 15)  # 输入、输出标价
CACHE_READ_RATIO = 0.1  # 命中缓存的输入按标价的这个比例收
CACHE_WRITE_RATIO = 1.25  # 有的接口对写入缓存的输入加价，例题没有算


def call_cost_usd(
    input_tokens: float,
    cached_tokens: float,
    output_tokens: float,
    input_usd_per_mtok: float,
    output_usd_per_mtok: float,
    cache_read_ratio: float = 1.0,
) -> float:
    """一次调用的成本（美元）= 未命中输入、命中输入、输出，各乘单价：买方的成本就是接口的收入。

    cached_tokens 是 input_tokens 里命中缓存的部分，按标价的 cache_read_ratio 收（API 计费规则）。
    """
    non_negative(input_tokens=input_tokens, cached_tokens=cached_tokens)
    non_negative(output_tokens=output_tokens, input_usd_per_mtok=input_usd_per_mtok)
    non_negative(cache_read_ratio=cache_read_ratio)
    if cached_tokens > input_tokens:
        raise ValueError(f"cached_tokens 不能超过 input_tokens，收到 {cached_tokens}")
    return revenue_usd(
        cached_tokens / 1e6,
        (input_tokens - cached_tokens) / 1e6,
        output_tokens / 1e6,
        input_usd_per_mtok * cache_read_ratio,
        input_usd_per_mtok,
        output_usd_per_mtok,
    )


if __name__ == "__main__":
    calls = [(2_500, 0, 150), (3_200, 2_000, 120), (3_800, 3_200, 200)]  # 输入、其中命中、输出
    total = plain = 0.0
    for i, call in enumerate(calls, 1):
        cost = call_cost_usd(*call, *AGENT_USD_PER_MTOK, CACHE_READ_RATIO)
        total += cost
        plain += call_cost_usd(*call, *AGENT_USD_PER_MTOK)
        print(f"第 {i} 次：输入 {call[0]:,}（命中 {call[1]:,}），输出 {call[2]}", end="，")
        print(f"千次 {cost * 1e3:.2f} 美元")
    inputs, _, outputs = map(sum, zip(*calls))
    print(f"一个任务：输入合计 {inputs:,}，输出合计 {outputs}")
    print(f"千个任务 {total * 1e3:.2f} 美元；没有缓存 {plain * 1e3:.2f} 美元", end="，")
    print(f"缓存省 {1 - total / plain:.0%}")
    written = calls[-1][1]  # 后来命中过的前缀，最长 3,200 个 token，各写入一次
    surcharge = call_cost_usd(written, 0, 0, *AGENT_USD_PER_MTOK) * (CACHE_WRITE_RATIO - 1)
    print(f"写入缓存若按标价的 {CACHE_WRITE_RATIO} 倍收，省 {1 - (total + surcharge) / plain:.0%}")
    answer = call_cost_usd(0, 0, outputs, *AGENT_USD_PER_MTOK)
    print(f"输出占成本：有缓存 {answer / total:.0%}，没有缓存 {answer / plain:.0%}")
