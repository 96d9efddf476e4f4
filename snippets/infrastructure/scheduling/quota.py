"""空着的借给别人，主人回来怎样要回去？（优先级抢占，和能借的配额）"""

from collections import Counter

from infrastructure.scheduling.job_trace import Job
from infrastructure.scheduling.policies import static
from infrastructure.scheduling.preemption import Task
from infrastructure.scheduling.simulator import simulate


def preemptive(rank):
    """rank(任务) 小的先拿，在跑的只给更小的让位；要让位时先请张数少的。"""

    def policy(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
        given, blocked, free = {}, set(), gpus
        for task in sorted(tasks, key=lambda task: (rank(task), not task.held, -task.held)):
            if task.job.gpus <= free and (task.held or rank(task) not in blocked):
                given[task] = task.job.gpus
                free -= task.job.gpus
            else:
                blocked.add(rank(task))  # 同级的后来者不能插队
        return given

    return policy


def quota(shares: dict[str, int]):
    """每个租户保底 shares[租户] 张；超出的算借，借的给保底的让位。"""

    def policy(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
        used, borrowed = Counter(), {}
        for task in sorted(tasks, key=lambda task: not task.held):
            tenant, n = task.job.tenant, task.job.gpus
            borrowed[task] = used[tenant] + n > shares[tenant]
            used[tenant] += 0 if borrowed[task] else n
        return preemptive(borrowed.get)(tasks, gpus, now)

    return policy


if __name__ == "__main__":
    jobs = [
        Job("甲", 0, 2, 6, 6, "一组"),
        Job("乙", 0, 2, 6, 6, "一组"),
        Job("丙", 3, 2, 2, 2, "二组"),
    ]
    print("4 张 GPU，每组保底 2 张；一组的甲、乙先到，二组的丙第 3 小时才来，每个要 2 张")
    shares = {"一组": 2, "二组": 2}
    for name, policy in (("静态划分", static(shares)), ("能借的配额", quota(shares))):
        print(name)
        for task in simulate(jobs, 4, policy):
            steps = "，".join(f"第 {at:.0f} 小时起 {n} 张" for at, n in task.log)
            print(f"  {task.job.name}：{steps}")
