"""空闲的 GPU 总数够了，为什么整机的作业还是进不来？"""

import heapq
import random

SmallJob = tuple[float, float, int]  # 到达时刻、运行小时数、要几张


def place(free: list[int], need: int, rule: str) -> int | None:
    """把 need 张放进哪台服务器；free 是各台空闲的张数。没有一台放得下，返回 None。

    spread：放最空的一台；first：放编号最小的一台；pack：放刚好够的一台。
    """
    order = {"spread": lambda i: -free[i], "first": lambda i: i, "pack": lambda i: free[i]}
    if rule not in order:
        raise ValueError(f"rule 必须是 spread、first 或 pack，收到 {rule}")
    return min((i for i, n in enumerate(free) if n >= need), key=order[rule], default=None)


def small_jobs(count: int, load_gpus: float, seed: int = 0) -> list[SmallJob]:
    """泊松到达，要一、二或四张，平均跑四小时；平均占着 load_gpus 张。"""
    rng, now, jobs, sizes = random.Random(seed), 0.0, [], (1, 2, 4)
    rate = load_gpus / (4 * sum(sizes) / len(sizes))
    for _ in range(count):
        now += rng.expovariate(rate)
        jobs.append((now, rng.expovariate(1 / 4), rng.choice(sizes)))
    return jobs


def churn(jobs: list[SmallJob], servers: int, per_server: int, rule: str):
    """小作业来来去去，放不下的不等。逐个给出每次到达前各台空闲的张数。"""
    free, running = [per_server] * servers, []
    for now, hours, need in jobs:
        while running and running[0][0] <= now:
            _, server, count = heapq.heappop(running)
            free[server] += count
        yield list(free)
        if (server := place(free, need, rule)) is not None:
            free[server] -= need
            heapq.heappush(running, (now + hours, server, need))


if __name__ == "__main__":
    servers, per_server, load = 16, 8, 0.6
    jobs = small_jobs(20_000, load * servers * per_server)
    print(f"{servers} 台服务器，每台 {per_server} 张，小作业平均占 {load:.0%}")
    for rule, name in (("spread", "分散"), ("first", "从前往后"), ("pack", "挤满")):
        seen = list(churn(jobs, servers, per_server, rule))
        whole = sum(free.count(per_server) for free in seen) / len(seen)
        could = sum(sum(free) // per_server for free in seen) / len(seen)
        refused = [free for free in seen if per_server not in free and sum(free) >= per_server]
        print(f"{name}：空闲的拼得出 {could:.1f} 台，真正整台空着 {whole:.1f} 台；", end="")
        print(f"{len(refused) / len(seen):5.1%} 的时候，总数够一台却没有一台")
