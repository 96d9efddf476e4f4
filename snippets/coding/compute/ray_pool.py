"""进程池的那份工作，搬到多台机器上要改几行？"""

import time

import ray
from ray.util.multiprocessing import Pool

from coding.compute.pool import distribute, split, sum_of_squares
from coding.compute.ray_cluster import local_cluster

one_cpu = {"num_cpus": 1}  # 默认不要 CPU：可能挤在一处，也可能落到 head


def distribute_on_ray(items: list[int], workers: int) -> list[int]:
    """与 distribute 相同，只换了池：进程可以在任何一个节点上。"""
    with Pool(workers, ray_remote_args=one_cpu) as pool:
        return pool.map(sum_of_squares, split(items, workers))


def where(_) -> str:
    return ray.get_runtime_context().get_node_id()


if __name__ == "__main__":
    items, workers = list(range(1, 10_001)), 4
    clock = [time.perf_counter()]
    local = distribute(items, workers)
    clock.append(time.perf_counter())
    with local_cluster(nodes=2, cpus_per_node=2):
        clock.append(time.perf_counter())
        partial_sums = distribute_on_ray(items, workers)
        clock.append(time.perf_counter())
        with Pool(workers, ray_remote_args=one_cpu) as pool:
            used = len(set(pool.map(where, range(workers), chunksize=1)))
    for worker, partial in enumerate(partial_sums):
        print(f"第 {worker} 段：{partial:>15,}")
    print(f"汇总：{sum(partial_sums):,}，进程分布在 {used} 个节点")
    print(f"与单机进程池逐段相同：{partial_sums == local}")
    on_one, start, on_ray = (after - before for before, after in zip(clock, clock[1:]))
    print(f"≈ 单机进程池 {on_one:.2f} 秒；启动集群 {start:.1f} 秒，再做同一件事 {on_ray:.1f} 秒")
