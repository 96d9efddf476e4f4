"""一个任务被抢占一次，平均损失多少？"""

import random
from dataclasses import dataclass, field
from statistics import mean

from business.inference.limits import non_negative
from infrastructure.scheduling.job_trace import Job


@dataclass(eq=False)
class Task:
    """一个作业跑到哪里。工时按要求的张数计，只拿到一半就慢一半（假设：速度与张数成正比）。"""

    job: Job
    held: int = 0  # 手里的张数
    done_h: float = 0.0
    saved_h: float = 0.0  # 最近一个检查点
    lost_h: float = 0.0  # 被抢占后重算的，加上重启用掉的
    end_h: float = 0.0
    log: list[tuple[float, int]] = field(default_factory=list)  # （时刻，从此拿几张）

    def evict(self, checkpoint_h: float, restart_h: float) -> None:
        """退回最近的检查点，再欠下重启的时间。checkpoint_h 为零表示随时可存，一点不丢。"""
        non_negative(checkpoint_h=checkpoint_h, restart_h=restart_h)
        since = self.done_h % checkpoint_h if checkpoint_h else 0
        self.saved_h = max(self.saved_h, self.done_h - since)  # 重启途中又被抢占，检查点不后退
        self.lost_h += self.done_h - self.saved_h + restart_h
        self.done_h = self.saved_h - restart_h


def mean_loss_h(checkpoint_h: float, restart_h: float) -> float:
    """抢占来得随机时，每次平均损失的工时：半个检查点间隔，加上重启。"""
    return checkpoint_h / 2 + restart_h


if __name__ == "__main__":
    rng, restart_h = random.Random(0), 0.1
    job = Job("甲", arrival_h=0, gpus=8, hours=24, claimed_h=24)
    print(f"运行 {job.hours} 小时的作业在随机的时刻被抢占一次，重启 {restart_h} 小时")
    for checkpoint_h in (0.5, 2.0, 8.0):
        losses = []
        for _ in range(10_000):
            task = Task(job, done_h=rng.uniform(0, job.hours))
            task.evict(checkpoint_h, restart_h)
            losses.append(task.lost_h)
        print(f"每 {checkpoint_h} 小时存一次：平均损失 {mean(losses):.2f} 小时，", end="")
        print(f"公式 {mean_loss_h(checkpoint_h, restart_h):.2f}")
