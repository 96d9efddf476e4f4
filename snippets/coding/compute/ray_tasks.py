"""节点在半途掉电，结果还对吗？"""

import contextlib
import time

import psutil
import ray

from coding.compute.pool import distribute, split, sum_of_squares
from coding.compute.ray_cluster import local_cluster


@ray.remote(num_cpus=0)
class Journal:
    """记下每段在哪个节点开工；由 head 上的 actor 保管，不会跟着工作节点一起没了。"""

    def __init__(self):
        self.starts = []

    def add(self, part: int, node_id: str = "") -> int:
        self.starts.append((part, node_id))
        return sum(part == started for started, _ in self.starts)

    def read(self, node_id: str | None = None) -> list[tuple[int, str]]:
        return [start for start in self.starts if node_id in (None, start[1])]


@ray.remote(scheduling_strategy="SPREAD")  # 轮流派给各个节点
def partial_sum(journal, part: int, chunk: list[int]) -> int:
    ray.get(journal.add.remote(part, ray.get_runtime_context().get_node_id()))
    time.sleep(1)  # 假设每段要算一秒，节点才会死在半途
    return sum_of_squares(chunk)


def power_off(cluster, node) -> None:
    """raylet 和工作进程一起 SIGKILL。只杀 raylet，工作进程还来得及做完短任务、交出结果。"""
    raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
    for process in [raylet, *raylet.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):  # 发现 raylet 死了，自己先退出
            process.kill()
    cluster.remove_node(node, allow_graceful=False)


if __name__ == "__main__":
    items, parts = list(range(1, 10_001)), 4
    with local_cluster(nodes=2) as cluster:
        head = {"ray.io/node-id": cluster.head_node.node_id}
        journal = Journal.options(label_selector=head).remote()
        refs = [partial_sum.remote(journal, i, part) for i, part in enumerate(split(items, parts))]
        victim = next(iter(cluster.worker_nodes))
        running = []
        while not running and ray.wait(refs, num_returns=parts, timeout=0.01)[1]:
            running = ray.get(journal.read.remote(victim.node_id), timeout=30)
        started = time.perf_counter()
        power_off(cluster, victim)
        partial_sums = ray.get(refs, timeout=60)
        print(f"≈ 掉电 {time.perf_counter() - started:.1f} 秒后拿齐结果")
        rerun = [node for part, node in ray.get(journal.read.remote()) if part == running[-1][0]]
    print(f"掉电时在跑的那段开工 {len(rerun)} 次，在 {len(set(rerun))} 个节点上")
    print(f"与单机进程池逐段相同：{partial_sums == distribute(items, parts)}")
