"""同一批作业，节点固定分给各组，还是放进一个共享池？"""

import heapq
import random
from statistics import mean


def run(jobs: list[tuple[float, float]], nodes: int) -> tuple[list[float], float]:
    """先到先得，每个作业占一个节点。jobs 是（提交时刻，运行小时数），按提交时刻排好。

    返回（各作业等待的小时数，全部完工的时刻）。nodes 不是正数、jobs 没有排好，
    抛出 ValueError。
    """
    if nodes < 1:
        raise ValueError(f"nodes 必须是正整数，收到 {nodes}")
    if any(a[0] > b[0] for a, b in zip(jobs, jobs[1:])):
        raise ValueError("jobs 必须按提交时刻从早到晚排列")
    free_at = [0.0] * nodes  # 堆：每个节点何时空出来
    waits, finish = [], 0.0
    for submit, hours in jobs:
        start = max(submit, heapq.heappop(free_at))
        heapq.heappush(free_at, start + hours)
        waits.append(start - submit)
        finish = max(finish, start + hours)
    return waits, finish


def trace(load: float, nodes: int, hours: float, seed: int) -> list[tuple[float, float]]:
    """合成的提交记录：随机到达，平均运行 4 小时，load 是需求占 nodes 的比例。"""
    rng, now, jobs = random.Random(seed), 0.0, []
    while (now := now + rng.expovariate(load * nodes / 4)) < hours:
        jobs.append((now, rng.expovariate(1 / 4)))
    return jobs


if __name__ == "__main__":
    nodes, loads = 4, {"甲": 1.4, "乙": 0.9, "丙": 0.7, "丁": 0.5}
    teams = {team: trace(load, nodes, 720, seed) for seed, (team, load) in enumerate(loads.items())}
    everyone = sorted((*job, team) for team, jobs in teams.items() for job in jobs)
    static = {team: run(jobs, nodes) for team, jobs in teams.items()}
    waits, finish = run([job[:2] for job in everyone], nodes * len(teams))

    print(f"四个组各 {nodes} 个节点，一个月，{len(everyone):,} 个作业；平均等待（小时）")
    for team, load in loads.items():
        alone, shared = static[team][0], [w for w, job in zip(waits, everyone) if job[2] == team]
        print(f"{team}组，需求 {load:4.0%}：静态 {mean(alone):5.1f}，共享 {mean(shared):.1f}")
    separate = [wait for alone, _ in static.values() for wait in alone]
    print(f"全体：           静态 {mean(separate):5.1f}，共享 {mean(waits):.1f}")
    work = sum(job[1] for job in everyone)
    for name, end in (("静态", max(end for _, end in static.values())), ("共享", finish)):
        used = work / (nodes * len(teams) * end)
        print(f"{name}：第 {end:,.0f} 小时全部完工，利用率 {used:.0%}")
