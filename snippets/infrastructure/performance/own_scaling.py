"""本机的强扩展和弱扩展各是多少？同一台机器，两种串行占比为什么不同？（≈ 行因机器而异）"""

from coding.compute.speed_up import best_of
from coding.compute.when_pool_wins import sum_to
from infrastructure.components.container_limits import cgroup_limit, usable_cores
from infrastructure.performance.scaling import efficiency
from infrastructure.performance.scaling_fit import fit_amdahl, fit_gustafson


def strong(job: int, tasks: int, counts: tuple[int, ...]) -> list[float]:
    """总量不变：加速比 = 一个进程的用时 ÷ p 个进程的用时。"""
    seconds = best_of(3, sum_to, [job] * tasks, counts)
    return [seconds[0] / s for s in seconds]


def weak(job: int, tasks: int, counts: tuple[int, ...]) -> list[float]:
    """每个进程的量不变：加速比 = p × 一个进程的用时 ÷ p 个进程做 p 份的用时。"""
    rounds = [
        [best_of(1, sum_to, [job] * tasks * workers, (workers,))[0] for workers in counts]
        for _ in range(3)
    ]
    seconds = [min(column) for column in zip(*rounds)]
    return [workers * seconds[0] / s for workers, s in zip(counts, seconds)]


if __name__ == "__main__":
    counts, cores = (1, 2, 4), usable_cores(cgroup_limit("cpu.max"))
    print("强扩展：一共 8 个任务；弱扩展：每个进程 4 个任务；进程 1、2、4 个")
    results = strong(1_000_000, 8, counts), weak(1_000_000, 4, counts)
    for name, fit, speedups in zip(("强", "弱"), (fit_amdahl, fit_gustafson), results):
        for workers, speedup in zip(counts, speedups):
            print(f"≈ {name}扩展，{workers} 个进程：{speedup:.2f} 倍，", end="")
            print(f"上限 {min(workers, cores):g}，效率 {efficiency(speedup, workers):.0%}")
        print(f"≈ {name}扩展拟合出的串行占比 {fit(counts, speedups):.1%}（{cores:g} 个核）")
