"""排队要等多久？先用有公式的排队检验模拟器，再拿它去算没有公式的。"""

import numpy as np
import simpy

from business.inference.limits import non_negative, positive


def pollaczek_khinchine(load: float, variation: float, service_s: float = 1) -> float:
    """M/G/1 的平均等待 ρ/(1−ρ) × (1+C²)/2 × 平均服务时间；指数分布的 C² = 1，定长的是 0。

    load 是 ρ，要小于 1；variation 是服务时间的方差 ÷ 均值的平方。
    """
    positive(load=load, service_s=service_s)
    non_negative(variation=variation)
    if load >= 1:
        raise ValueError(f"load 必须小于 1，否则队伍越排越长，收到 {load}")
    return load / (1 - load) * (1 + variation) / 2 * service_s


def simulate(gaps_s, services_s) -> list[float]:
    """SimPy：隔 gaps_s 来一个请求，一台服务器先到先做。返回每个请求的等待。"""
    env, waits = simpy.Environment(), []
    server = simpy.Resource(env, capacity=1)

    def request(service_s: float):
        arrived = env.now
        with server.request() as turn:
            yield turn
            waits.append(env.now - arrived)
            yield env.timeout(service_s)

    def source():
        for gap_s, service_s in zip(gaps_s, services_s):
            yield env.timeout(gap_s)
            env.process(request(service_s))

    env.process(source())
    env.run()
    return waits


if __name__ == "__main__":
    load, jobs, rng = 0.6, 20_000, np.random.default_rng(0)
    gaps = rng.exponential(1 / load, jobs)
    laws = {  # 均值都是 1
        "定长": (np.ones(jobs), 0),
        "指数": (rng.exponential(1, jobs), 1),
        "一成的请求长十倍": (rng.choice([1, 10], jobs, p=[0.9, 0.1]) / 1.9, 10.9 / 1.9**2 - 1),
    }
    print(f"负载 {load}，平均服务时间 1 秒，{jobs:,} 个请求")
    for name, (services, variation) in laws.items():
        waits = np.array(simulate(gaps, services))
        error = waits.reshape(20, -1).mean(axis=1).std(ddof=1) / 20**0.5  # 分 20 批估标准误
        formula = pollaczek_khinchine(load, variation)
        print(
            f"{name}：模拟等 {waits.mean():.2f} ± {2 * error:.2f} 秒，公式 {formula:.2f} 秒", end=""
        )
        print(f"，P99 {np.percentile(waits, 99):.1f} 秒")
