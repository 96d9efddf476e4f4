"""作业陆续到达，时长只是申报的，回填怎样不耽误队首？（EASY 回填）"""

from infrastructure.scheduling.job_trace import Job
from infrastructure.scheduling.policies import fcfs
from infrastructure.scheduling.preemption import Task
from infrastructure.scheduling.simulator import simulate


def easy(tasks: list[Task], gpus: int, now: float) -> dict[Task, int]:
    """给队首预定最早凑得齐的时刻；后面的，到那时已做完，或只用队首用剩的，就先跑。"""
    given = fcfs(tasks, gpus, now)
    head, *others = [task for task in tasks if task not in given] or [None]
    if not others:
        return given
    free = spare = gpus - sum(given.values())
    began = {task: task.log[-1][0] if task.held else now for task in given}
    ends = {task: began[task] + task.job.claimed_h - task.done_h for task in given}
    for task in sorted(ends, key=ends.get):
        spare, reserved_h = spare + given[task], ends[task]
        if spare >= head.job.gpus:
            break
    spare -= head.job.gpus  # 队首开始之后还空着的
    for task in others:
        beyond = now + task.job.claimed_h > reserved_h
        if task.job.gpus <= (min(free, spare) if beyond else free):
            given[task] = task.job.gpus
            free, spare = free - task.job.gpus, spare - task.job.gpus * beyond
    return given


if __name__ == "__main__":
    jobs = [
        Job("甲", 0, 5, hours=2, claimed_h=4),
        Job("乙", 0, 6, hours=3, claimed_h=3),
        Job("丙", 0, 2, hours=3, claimed_h=3),
        Job("丁", 0, 2, hours=9, claimed_h=9),
        Job("戊", 0, 1, hours=9, claimed_h=9),
    ]
    print("8 张 GPU；作业（张数 × 申报的小时）：", end="")
    print("，".join(f"{job.name} {job.gpus}×{job.claimed_h}" for job in jobs))
    print(f"甲实际只跑 {jobs[0].hours} 小时")
    for name, policy in (("先到先得", fcfs), ("EASY 回填", easy)):
        tasks = simulate(jobs, 8, policy)
        starts = "，".join(f"{task.job.name} {task.log[0][0]:.0f}" for task in tasks)
        print(f"{name}：开始时刻 {starts}；全部完工 {max(task.end_h for task in tasks):.0f}")
