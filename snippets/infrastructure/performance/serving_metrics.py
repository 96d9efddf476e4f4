"""TTFT、TPOT、goodput 从一串时间戳里怎样算？平均的 TPOT 会藏起什么？"""

from business.inference.limits import positive


def ttft_s(sent_s: float, token_s: list[float]) -> float:
    """首 token 时间：从用户发出请求算起，排队和预填充都在里面。"""
    return token_s[0] - sent_s


def tpot_s(token_s: list[float]) -> float:
    """首个 token 之后的平均间隔 =（最后一个 − 第一个）÷（个数 − 1）。

    只有一个 token 时没有间隔，记 0，与 vLLM 的 benchmarks/serve.py 相同。
    """
    return (token_s[-1] - token_s[0]) / max(1, len(token_s) - 1)


def longest_gap_s(token_s: list[float]) -> float:
    """相邻两个 token 的最长间隔（ITL 的最大值）：用户看到的卡顿。"""
    return max((b - a for a, b in zip(token_s, token_s[1:])), default=0.0)


def on_time(sent_s: float, token_s: list[float], ttft_slo_s: float, tpot_slo_s: float) -> bool:
    """两个时限都满足，才算按时。"""
    positive(ttft_slo_s=ttft_slo_s, tpot_slo_s=tpot_slo_s)
    return ttft_s(sent_s, token_s) <= ttft_slo_s and tpot_s(token_s) <= tpot_slo_s


def goodput(requests: list, seconds: float, ttft_slo_s: float, tpot_slo_s: float) -> float:
    """每秒按时完成的请求数。requests 是（发出时刻，各 token 的时刻）；seconds 是观察的时长。"""
    positive(seconds=seconds)
    return sum(on_time(*request, ttft_slo_s, tpot_slo_s) for request in requests) / seconds


if __name__ == "__main__":
    smooth = [0.5 + 0.04 * i for i in range(51)]
    stalled = [0.5 + 0.01 * i + 1.5 * (i >= 25) for i in range(51)]
    for name, times in ("匀速", smooth), ("中间停了一下", stalled), ("只有一个 token", [0.5]):
        first, each = ttft_s(0, times), tpot_s(times)
        print(f"{name}：TTFT {first:.2f} s，TPOT {each * 1e3:.0f} ms，", end="")
        print(f"最长间隔 {longest_gap_s(times):.2f} s，", end="")
        print(f"TTFT + (n − 1) TPOT = {first + each * (len(times) - 1):.2f} s")
    late = [t + 2 for t in smooth]  # 同样发出，多排了两秒队
    requests = [(0, smooth), (0, stalled), (0, late)]
    print(f"观察 10 秒，完成 {len(requests)} 个；时限 TTFT 1 s、TPOT 50 ms：", end="")
    print(f"吞吐 {len(requests) / 10:.1f} 个/s，goodput {goodput(requests, 10, 1, 0.05):.1f} 个/s")
