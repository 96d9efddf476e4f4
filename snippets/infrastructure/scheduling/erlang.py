"""任务随机到达，几台服务器一起接，要等的占多少，等多久，能跑多满？（M/M/c 排队的 Erlang C）"""


def must_wait(load: float, servers: int) -> float:
    """来的时候所有服务器都忙、要排队的概率（Erlang C）。

    load 是每台服务器的负载 λ/(cμ)，要在 0 与 1 之间（不含）；servers 是台数 c。
    到达是泊松过程，时长服从指数分布，先到先得。
    """
    if not 0 < load < 1:
        raise ValueError(f"load 必须大于 0 且小于 1，收到 {load}")
    if servers < 1:
        raise ValueError(f"servers 必须是正整数，收到 {servers}")
    blocked = 1.0  # Erlang B 的递推，数值上比直接算阶乘稳
    for k in range(1, servers + 1):
        blocked = load * servers * blocked / (k + load * servers * blocked)
    return blocked / (1 - load * (1 - blocked))


def wait_over_run(load: float, servers: int) -> float:
    """平均等待 ÷ 平均运行时长（无量纲）：C(c, ρ) ÷ (c (1 − ρ))。"""
    return must_wait(load, servers) / (servers * (1 - load))


def fullest_load(wait: float, servers: int) -> float:
    """平均等待不超过平均运行时长的 wait 倍，负载最高多少：对 wait_over_run 二分。"""
    if not wait > 0:
        raise ValueError(f"wait 必须是正数，收到 {wait}")
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        fits = wait_over_run(middle, servers) <= wait
        low, high = (middle, high) if fits else (low, middle)
    return low


if __name__ == "__main__":
    load, wait = 0.8, 0.1
    for servers in (1, 4, 16, 64):
        print(
            f"{servers:2} 台：负载 {load:.0%} 时 {must_wait(load, servers):5.1%} 的任务要等，"
            f"平均等运行时长的 {wait_over_run(load, servers):6.1%}；"
            f"平均等待限在 {wait:.0%}，最多跑到 {fullest_load(wait, servers):.0%}"
        )
