"""策略只回答“现在谁拿几张”，怎样用 SimPy 跑出它的全部后果？"""

import simpy

from infrastructure.scheduling.job_trace import Job
from infrastructure.scheduling.policies import fcfs
from infrastructure.scheduling.preemption import Task


def simulate(jobs: list[Job], gpus: int, policy, checkpoint_h=0.0, restart_h=0.0) -> list[Task]:
    """policy(按到达排好的未完任务, gpus, 现在) 返回 {任务: 张数}，没有提到的拿零张。

    有作业到达或完成，就问一遍 policy。拿到零张的算被抢占，损失见 Task.evict。
    """
    for job in jobs:
        if not 1 <= job.gpus <= gpus:
            raise ValueError(f"作业 {job.name} 要 {job.gpus} 张，允许 1 到 {gpus} 张")
    env, tasks, active = simpy.Environment(), [Task(job) for job in jobs], {}

    def allot() -> None:
        shares = policy(list(active), gpus, env.now)
        for task, process in active.items():
            if (share := shares.get(task, 0)) != task.held:
                task.held = share
                task.log.append((env.now, share))
                if process is not env.active_process:
                    process.interrupt()

    def run(task: Task):
        yield env.timeout(task.job.arrival_h)
        active[task] = env.active_process
        allot()
        while (left := task.job.hours - task.done_h) > 1e-9:  # 小数误差不算没做完
            began, speed = env.now, task.held / task.job.gpus
            try:
                yield env.timeout(left / speed) if speed else env.event()
                task.done_h = task.job.hours
            except simpy.Interrupt:  # 手里的张数变了
                task.done_h += (env.now - began) * speed
                if speed and not task.held:
                    task.evict(checkpoint_h, restart_h)
        task.held, task.end_h = 0, env.now
        task.log.append((env.now, 0))
        del active[task]
        allot()

    for task in tasks:
        env.process(run(task))
    env.run()
    if active:
        raise RuntimeError(f"策略一直不给：{'、'.join(task.job.name for task in active)}")
    return tasks


if __name__ == "__main__":
    jobs = [Job("甲", 0, 3, 4, 4), Job("乙", 1, 4, 2, 2), Job("丙", 2, 1, 1, 1)]
    print("4 张 GPU，先到先得")
    for task in simulate(jobs, 4, fcfs):
        print(f"{task.job.name}：要 {task.job.gpus} 张，第 {task.job.arrival_h} 小时提交，", end="")
        print(f"第 {task.log[0][0]:.0f} 小时开始，第 {task.end_h:.0f} 小时做完")
