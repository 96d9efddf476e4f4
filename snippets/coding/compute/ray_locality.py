"""任务能跟着数据走吗？存数据的节点掉电，数据还找得回来吗？"""

import time

import numpy as np
import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On

from coding.compute.ray_cluster import local_cluster
from coding.compute.ray_tasks import power_off


@ray.remote
def make(seed: int) -> np.ndarray:
    """一块数据。种子固定，重做一遍得到的还是它。"""
    return np.random.default_rng(seed).integers(0, 1_000, 1_000_000)


@ray.remote
def total(block: np.ndarray) -> tuple[str, int]:
    """返回（在哪个节点算的，这一块的和）。"""
    return ray.get_runtime_context().get_node_id(), int(block.sum())


def copies(blocks) -> list[dict]:
    """每一块存在哪些节点上（node_ids），有多大（object_size）。节点事后才上报，所以先等半秒。"""
    for _ in range(20):
        time.sleep(0.5)
        located = ray.experimental.get_object_locations(blocks)
        if all(located[block]["node_ids"] for block in blocks):
            break
    return [located[block] for block in blocks]


def moved_mb(before: list[dict], after: list[dict]) -> float:
    """多出来的每一份副本，都是从别的节点传来的。"""
    extra = [len(set(b["node_ids"]) - set(a["node_ids"])) for a, b in zip(before, after)]
    return sum(n * b["object_size"] for n, b in zip(extra, after)) / 1e6


if __name__ == "__main__":
    with local_cluster(nodes=2) as cluster:
        stays, dies = cluster.worker_nodes
        # soft：优先放在这个节点；它没了，可以在别处重做
        homes = [On(node.node_id, soft=True) for node in (stays, dies)]
        blocks = [make.options(scheduling_strategy=home).remote(i) for i, home in enumerate(homes)]
        ray.wait(blocks, num_returns=2, timeout=60, fetch_local=False)
        made = copies(blocks)
        first = [ray.get(total.remote(block), timeout=60) for block in blocks]
        together = sum(node in copy["node_ids"] for (node, _), copy in zip(first, made))
        moved = moved_mb(made, copies(blocks))
        print(f"不作要求：{together}/2 个任务跟着数据走，传了 {moved:.0f} MB")
        away = total.options(scheduling_strategy=On(dies.node_id, soft=False)).remote(blocks[0])
        ray.get(away, timeout=60)
        print(f"指定到别处：一个任务就传了 {moved_mb(made, copies(blocks)):.0f} MB")
        power_off(cluster, dies)
        again = [ray.get(total.remote(block), timeout=60) for block in blocks]
        rebuilt = copies(blocks)[1]["node_ids"] == [stays.node_id]
    print(f"唯一的副本随节点消失，在另一个节点上重做：{rebuilt}")
    print(f"两次的结果相同：{[value for _, value in again] == [value for _, value in first]}")
