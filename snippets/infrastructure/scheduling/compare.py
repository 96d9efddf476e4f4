"""同一份提交记录，八种策略，谁等得久，谁用得满，公不公平？"""

from statistics import mean

from infrastructure.scheduling.combined import urgent_first, urgent_then_easy
from infrastructure.scheduling.easy_backfill import easy
from infrastructure.scheduling.job_trace import make_jobs, tenants
from infrastructure.scheduling.metrics import (
    jain,
    makespan_bound_h,
    running_share,
    utilisation,
    wait_h,
)
from infrastructure.scheduling.policies import elastic, fcfs, priority, static
from infrastructure.scheduling.preemption import Task
from infrastructure.scheduling.quota import quota
from infrastructure.scheduling.simulator import simulate

shares = {"预训练": 32, "研究": 28, "评测": 4}
lineup = {
    "静态划分": static(shares),
    "先到先得": fcfs,
    "优先级": priority,
    "优先级抢占": urgent_first,
    "回填": easy,
    "抢占加回填": urgent_then_easy,
    "能借的配额": quota(shares),
    "弹性": elastic,
}


def run_all(gpus: int, checkpoint_h: float, restart_h: float) -> dict[str, list[Task]]:
    jobs = make_jobs()
    return {name: simulate(jobs, gpus, p, checkpoint_h, restart_h) for name, p in lineup.items()}


def groups(tasks: list[Task]) -> list[list[Task]]:
    """按租户分开，次序同 tenants。"""
    return [[task for task in tasks if task.job.tenant == tenant] for tenant in tenants]


if __name__ == "__main__":
    gpus, checkpoint_h, restart_h = 64, 1.0, 0.1
    print(f"{gpus} 张 GPU，每 {checkpoint_h} 小时存一次检查点，重启 {restart_h} 小时", end="；")
    print("等待的括号里依次是：" + "、".join(tenants))
    for name, tasks in run_all(gpus, checkpoint_h, restart_h).items():
        waits = "、".join(f"{mean(map(wait_h, group)):.1f}" for group in groups(tasks))
        fair = jain([running_share(group) for group in groups(tasks)])
        print(f"{name}：平均等待 {mean(map(wait_h, tasks)):.1f} 小时（{waits}），", end="")
        print(f"公平 {fair:.2f}，利用率 {utilisation(tasks, gpus):.0%}，", end="")
        print(f"第 {max(task.end_h for task in tasks):.0f} 小时完工")
    print(f"完工时刻的下界：第 {makespan_bound_h(make_jobs(), gpus):.0f} 小时")
