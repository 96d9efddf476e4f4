"""在容器里，机器报的核数和内存有多少真是你的？（≈ 行因机器而异；0 是没有上限，或者读不到）"""

import os
import shutil
from pathlib import Path


def cgroup_limit(name: str, root: Path = Path("/sys/fs/cgroup")) -> float:
    """cgroup v2 的上限：memory.max 是字节；cpu.max 是配额和周期，相除是核数。没有上限返回 0。"""
    try:
        limit, *period = (root / name).read_text().split()
        return float(limit) / float(period[0] if period else 1)
    except (OSError, ValueError):  # 没有这个文件，或者写的是 max
        return 0.0


def usable_cores(limit: float) -> float:
    """真正能用的核：允许运行的核数与配额取小的。按它开线程，不按 os.cpu_count()。"""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS 和 Windows 没有这个函数
        allowed = os.cpu_count() or 1
    return min(allowed, limit) if limit else allowed


def shared_memory_gib(path: str = "/dev/shm") -> float:
    """共享内存的大小。多进程加载数据靠它传样本，容器的默认值往往很小。"""
    try:
        return shutil.disk_usage(path).total / 2**30
    except OSError:
        return 0.0


if __name__ == "__main__":
    quota = cgroup_limit("cpu.max")
    print(
        f"≈ 机器报的核 {os.cpu_count() or 0} 个，能用的 {usable_cores(quota):.1f} 个，配额 {quota:.1f}"
    )
    print(f"≈ 容器的内存上限 {cgroup_limit('memory.max') / 2**30:.1f} GiB")
    print(f"≈ 共享内存 {shared_memory_gib():.1f} GiB")
