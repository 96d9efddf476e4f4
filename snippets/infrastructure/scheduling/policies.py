"""先到先得、静态划分、优先级、弹性，写成“现在谁拿几张”各是什么样？"""

from infrastructure.scheduling.job_trace import Job
from infrastructure.scheduling.preemption import Task


def fcfs(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
    """先到先得：正在跑的照旧；队首放不下，后面都等。"""
    given = {task: task.held for task in tasks if task.held}
    for task in tasks:
        if task not in given:
            if task.job.gpus > gpus - sum(given.values()):
                break
            given[task] = task.job.gpus
    return given


def static(shares: dict[str, int]):
    """静态划分：每个租户守着自己的几张，各自先到先得。"""

    def policy(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
        given = {}
        for tenant, own in shares.items():
            given |= fcfs([task for task in tasks if task.job.tenant == tenant], own, now)
        return given

    return policy


def priority(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
    """优先级高的排在前面，同级先到先得，不抢占。"""
    return fcfs(sorted(tasks, key=lambda task: task.job.priority), gpus, now)


def elastic(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
    """弹性：运行中可以增减，每人轮流加一张，加到要求的张数为止。"""
    given, hungry, free = dict.fromkeys(tasks, 0), tasks, gpus
    while hungry and free:
        lucky = hungry[:free]
        for task in lucky:
            given[task] += 1
        free -= len(lucky)
        hungry = [task for task in hungry if given[task] < task.job.gpus]
    return given


if __name__ == "__main__":
    jobs = [Job("甲", 0, 3, 4, 4, "一组"), Job("乙", 1, 4, 2, 2, "一组", priority=-1)]
    jobs.append(Job("丙", 2, 1, 1, 1, "二组"))
    print("4 张 GPU，甲要 3 张，乙要 4 张（最急），丙要 1 张（另一组），同时等着")
    for name, policy in (
        ("先到先得", fcfs),
        ("静态划分，一组 3 张，二组 1 张", static({"一组": 3, "二组": 1})),
        ("优先级", priority),
        ("弹性", elastic),
    ):
        given = policy([Task(job) for job in jobs], 4, now=2)
        print(f"{name}：" + "，".join(f"{task.job.name} {n} 张" for task, n in given.items() if n))
