"""一次调度好不好，用哪几个数说，各自怎么算？"""

from infrastructure.scheduling.job_trace import Job
from infrastructure.scheduling.preemption import Task


def makespan_bound_h(jobs: list[Job], gpus: int) -> float:
    """任何策略都快不过的完工时刻：总工作量摊满全部 GPU，或某个作业一提交就跑。"""
    work = sum(job.gpus * job.hours for job in jobs)
    return max(work / gpus, max(job.arrival_h + job.hours for job in jobs))


def utilisation(tasks: list[Task], gpus: int) -> float:
    """有用的 GPU 小时 ÷（张数 × 完工时刻）。被抢占后重算的不算有用。"""
    work = sum(task.job.gpus * task.job.hours for task in tasks)
    return work / (gpus * max(task.end_h for task in tasks))


def wait_h(task: Task) -> float:
    """比一提交就按要求的张数跑完，晚了多久：排队、被抢占、少拿了，都算在内。"""
    return max(0.0, task.end_h - task.job.arrival_h - task.job.hours)  # 小数误差不算


def running_share(tasks: list[Task]) -> float:
    """运行时长之和 ÷ 从提交到做完之和：一表示从不等待。"""
    stay = sum(task.end_h - task.job.arrival_h for task in tasks)
    return sum(task.job.hours for task in tasks) / stay


def jain(values: list[float]) -> float:
    """Jain 公平指数 (Σx)² ÷ (n Σx²)：人人相同为一，一人独得为 n 分之一。"""
    if not any(values) or min(values) < 0:
        raise ValueError(f"values 要有正数，不能有负数，收到 {values}")
    return sum(values) ** 2 / (len(values) * sum(x * x for x in values))


if __name__ == "__main__":
    for values in ([0.9, 0.9, 0.9], [0.1, 0.1, 0.1], [0.9, 0.9, 0.1], [0.9, 0.0, 0.0]):
        print(f"三个租户各有 {values} 的时间在运行：公平指数 {jain(values):.2f}")
