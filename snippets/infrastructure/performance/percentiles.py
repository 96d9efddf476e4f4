"""各台机器的 P99 取平均，为什么不是整个服务的 P99？"""

import numpy as np


def latencies_ms() -> list[np.ndarray]:
    """三台正常，一台生病；生病的那台被负载均衡减了流量。"""
    rng = np.random.default_rng(0)
    healthy = [rng.lognormal(np.log(100), 0.3, size=10_000) for _ in range(3)]
    return [*healthy, rng.lognormal(np.log(2_000), 0.3, size=1_000)]


def histogram(samples: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """每个桶里的个数：个数可以跨机器、跨时段相加，分位数不可以。"""
    return np.histogram(samples, edges)[0]


def percentile_of(counts: np.ndarray, edges: np.ndarray, percent: float) -> float:
    """直方图的分位数：累计个数第一次够数的那个桶的上边界。"""
    reached = np.cumsum(counts) >= counts.sum() * percent / 100
    return float(edges[1:][np.argmax(reached)])


if __name__ == "__main__":
    servers = latencies_ms()
    each = [np.percentile(samples, 99) for samples in servers]
    everything = np.concatenate(servers)
    edges = np.geomspace(1, 100_000, 200)  # 相邻边界相差约 6%，分位数的误差不超过这么多
    merged = sum(histogram(samples, edges) for samples in servers)
    print("各台 P99：" + "、".join(f"{p99:,.0f}" for p99 in each) + " ms")
    print(f"P99 取平均：{np.mean(each):,.0f} ms")
    print(f"全部请求的 P99：{np.percentile(everything, 99):,.0f} ms")
    print(f"直方图相加再取 P99：{percentile_of(merged, edges, 99):,.0f} ms")
    print(
        f"平均延迟：{everything.mean():,.0f} ms，{np.mean(everything > 1_000):.1%} 的请求超过 1,000 ms"
    )
