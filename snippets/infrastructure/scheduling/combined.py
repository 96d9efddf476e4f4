"""抢占和回填怎样叠在一起：急的马上跑，其余的照样不留空？"""

from statistics import mean

from infrastructure.scheduling.easy_backfill import easy
from infrastructure.scheduling.job_trace import make_jobs
from infrastructure.scheduling.metrics import wait_h
from infrastructure.scheduling.preemption import Task
from infrastructure.scheduling.quota import preemptive
from infrastructure.scheduling.simulator import simulate

urgent_first = preemptive(lambda task: task.job.priority)


def urgent_then_easy(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
    """先按优先级决定谁让位，再按优先级排队回填。刚让位的，下一轮再排。"""
    kept = urgent_first(tasks, gpus, now)
    staying = [task for task in tasks if task in kept or not task.held]
    return easy(sorted(staying, key=lambda task: task.job.priority), gpus, now)


if __name__ == "__main__":
    jobs, gpus, restart_h = make_jobs(), 64, 0.1
    print(f"{gpus} 张 GPU，{len(jobs):,} 个作业，重启 {restart_h} 小时")
    for name, policy in (("只有抢占", urgent_first), ("抢占加回填", urgent_then_easy)):
        for checkpoint_h in (1, 4, 12):
            tasks = simulate(jobs, gpus, policy, checkpoint_h, restart_h)
            evicted = sum(n == 0 for task in tasks for _, n in task.log[:-1])
            lost = sum(task.lost_h * task.job.gpus for task in tasks)
            waits = [
                mean(wait_h(task) for task in tasks if (task.job.priority == 0) == urgent)
                for urgent in (True, False)
            ]
            print(f"{name}，每 {checkpoint_h:2} 小时存一次：急的等 {waits[0]:.1f} 小时，", end="")
            print(f"其余等 {waits[1]:4.1f}；抢占 {evicted} 次，白算 {lost:5,.0f} 卡时")
