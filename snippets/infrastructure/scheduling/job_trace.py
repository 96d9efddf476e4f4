"""比较调度策略，用怎样的一份提交记录才看得出差别？"""

import random
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """一个作业：何时提交，要几张 GPU，实际跑多久，申报多久（到点强制结束），谁的，多急。"""

    name: str
    arrival_h: float
    gpus: int
    hours: float
    claimed_h: float
    tenant: str = ""
    priority: int = 0  # 小的优先


# 租户：平均几小时来一个，要几张（从中任取），平均跑几小时，优先级。都是假设。
tenants = {
    "预训练": (12.0, (16, 32), 12.0, 1),
    "研究": (0.5, (1, 2, 4, 8), 2.5, 1),
    "评测": (1.0, (1, 2), 0.5, 0),
}


def make_jobs(hours: float = 672, seed: int = 0) -> list[Job]:
    """按提交时刻排好的作业：到达是泊松过程，时长服从指数分布，申报是实际的一到三倍。"""
    rng, jobs = random.Random(seed), []
    for tenant, (gap_h, sizes, mean_h, priority) in tenants.items():
        now = rng.expovariate(1 / gap_h)
        while now < hours:
            run = rng.expovariate(1 / mean_h)
            name = f"{tenant}{len(jobs)}"
            job = Job(name, now, rng.choice(sizes), run, run * rng.uniform(1, 3), tenant, priority)
            jobs.append(job)
            now += rng.expovariate(1 / gap_h)
    return sorted(jobs, key=lambda job: job.arrival_h)


if __name__ == "__main__":
    jobs, gpus, hours = make_jobs(), 64, 672
    work = Counter()
    for job in jobs:
        work[job.tenant] += job.gpus * job.hours
    print(f"{hours} 小时里提交 {len(jobs)} 个作业，需求占 {gpus} 张 GPU 的", end=" ")
    print(f"{work.total() / (gpus * hours):.0%}")
    for tenant, (_, sizes, _, priority) in tenants.items():
        count = sum(job.tenant == tenant for job in jobs)
        share = work[tenant] / work.total()
        wanted = f"{min(sizes)}–{max(sizes)} 张"
        print(f"{tenant}：{count} 个，每个 {wanted}，占 GPU 时间 {share:.0%}，优先级 {priority}")
