"""Ray 会替我们重试什么，不会重试什么？"""

import os
import signal

import ray
from ray.util.multiprocessing import Pool

from coding.compute.ray_cluster import local_cluster
from coding.compute.ray_tasks import Journal


def fails_once(journal, how: str, part: int) -> int:
    """第一次开工就出事：被杀，或者抛异常；第二次一切正常。"""
    if ray.get(journal.add.remote(part)) == 1:
        if how == "被杀":
            os.kill(os.getpid(), signal.SIGKILL)
        raise OSError(f"第 {part} 段：读不到数据")
    return part


def by_task(*arguments, **options) -> int:
    return ray.get(ray.remote(**options)(fails_once).remote(*arguments), timeout=60)


def by_pool(*arguments, **options) -> int:
    with Pool(1, ray_remote_args=options) as pool:
        return pool.apply(fails_once, arguments)


def outcome(journal, case: int, how: str, run, **options) -> str:
    """跑一次，返回结局和开工次数。"""
    try:
        result = "结果正确" if run(journal, how, case, **options) == case else "结果错误"
    except (OSError, ray.exceptions.RayError) as error:
        result = type(error).__name__
    starts = [part for part, _ in ray.get(journal.read.remote(), timeout=60)]
    return f"{result}，开工 {starts.count(case)} 次"


if __name__ == "__main__":
    cases = (
        ("被杀", "任务，默认", by_task, {"max_retries": 3}),
        ("抛异常", "任务，默认", by_task, {"max_retries": 3}),
        ("抛异常", "任务，retry_exceptions", by_task, {"retry_exceptions": [OSError]}),
        ("被杀", "Pool，默认", by_pool, {}),
        ("被杀", "Pool，允许重启和重试", by_pool, {"max_restarts": 1, "max_task_retries": 1}),
    )
    with local_cluster(nodes=1):
        journal = Journal.remote()
        for case, (how, name, run, options) in enumerate(cases):
            print(f"{how}｜{name}：{outcome(journal, case, how, run, **options)}")
