"""负载一点点加，TTFT、TPOT、吞吐和 goodput 各怎样变？能接多少？"""

import numpy as np

from infrastructure.performance.serving import decode_s, prefill_s, serve
from infrastructure.performance.serving_metrics import goodput, on_time, tpot_s, ttft_s

slo_s = 1, 0.025  # 假设：TTFT 1 秒，TPOT 25 毫秒


def offered(rate: float, requests: int, seed: int = 0):
    """(到达时刻，输入长度，输出长度)：泊松到达，长度服从几何分布，均值 1,000 和 200（假设）。"""
    rng = np.random.default_rng(seed)
    arrivals = np.cumsum(rng.exponential(1 / rate, requests))
    return arrivals, rng.geometric(1 / 1_000, requests), rng.geometric(1 / 200, requests)


def most_requests_per_s(prompt: float, output: float, most: int) -> float:
    """吞吐的上界：预填充一个一个做，解码总是满员，KV cache 不占时间。"""
    return 1 / (prefill_s(prompt) + (output - 1) * decode_s([0] * most) / most)


if __name__ == "__main__":
    print("时限 TTFT 1 s、TPOT 25 ms；每个负载 1,000 个请求，最多 64 个一起解码")
    print(f"平均长度下，吞吐的上界是每秒 {most_requests_per_s(1_000, 200, 64):.1f} 个")
    print("每秒到  TTFT P50、P99（ms）  TPOT P50、P99（ms）  吞吐   按时  goodput")
    for rate in (2, 6, 10, 12, 14, 16):
        done = serve(*offered(rate, 1_000), most=64)
        end = max(times[-1] for _, times in done)
        met = sum(on_time(*request, *slo_s) for request in done) / len(done)
        first, each = [ttft_s(*request) for request in done], [tpot_s(times) for _, times in done]
        ms = [1e3 * np.percentile(samples, p) for samples in (first, each) for p in (50, 99)]
        print("{:6}  {:8,.0f} {:8,.0f}  {:8.0f} {:10.0f}".format(rate, *ms), end="  ")
        print(f"{len(done) / end:10.1f}  {met:5.0%}  {goodput(done, end, *slo_s):7.1f}")
