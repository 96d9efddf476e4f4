"""提示词缓存：同一个前缀用几次才划算？"""

from business.inference.limits import non_negative

CACHE_READ_RATIO = 0.1  # 都是与普通输入标价之比
CACHE_WRITE_RATIO = 1.25  # 五分钟缓存
CACHE_WRITE_HOUR_RATIO = 2  # 一小时缓存
BATCH_PRICE_RATIO = 0.5  # 整批打折，一天之内返回


def prefix_cost_usd(
    prefix_tokens: float,
    uses: float,
    usd_per_mtok: float,
    write_ratio: float,
    read_ratio: float,
) -> float:
    """P·n·[w + r(m−1)]：n 个 token 的前缀用 m 次，第一次写入，以后读取（API 计费规则）。

    write_ratio、read_ratio 是写入价、命中价与普通输入单价 P 之比；不缓存就是两者都取 1。
    """
    non_negative(prefix_tokens=prefix_tokens, usd_per_mtok=usd_per_mtok)
    non_negative(write_ratio=write_ratio, read_ratio=read_ratio)
    if not 1 <= uses < float("inf"):
        raise ValueError(f"uses 必须是不小于 1 的有限数，收到 {uses}")
    return usd_per_mtok * prefix_tokens / 1e6 * (write_ratio + read_ratio * (uses - 1))


if __name__ == "__main__":
    tokens, price = 10_000, 3.0  # 假设：前缀一万个 token，普通输入每百万 3 美元
    ways = {
        "不缓存": (1, 1),
        "五分钟": (CACHE_WRITE_RATIO, CACHE_READ_RATIO),
        "一小时": (CACHE_WRITE_HOUR_RATIO, CACHE_READ_RATIO),
    }
    for uses in (1, 2, 3, 10, 100):
        cost = {name: prefix_cost_usd(tokens, uses, price, *w) for name, w in ways.items()}
        row = "，".join(f"{name} {100 * usd:.2f}" for name, usd in cost.items())
        print(f"用 {uses} 次（美分）：{row}；五分钟的省 {1 - cost['五分钟'] / cost['不缓存']:.0%}")
    half = BATCH_PRICE_RATIO * cost["五分钟"] / cost["不缓存"]
    print(f"批处理再乘 {BATCH_PRICE_RATIO}：用 100 次只付不缓存的 {half:.1%}")
