"""你自己的机器，每一层有什么，缺什么？（≈ 行因机器而异；0 是没有，或者读不到）"""

import shutil
import time
from pathlib import Path

import numpy as np
import psutil

from infrastructure.components.visible_accelerators import amd_gpus, nvidia_gpus, or_zero
from training.energy.energy_counter import read_counters


def memory_gib() -> float:
    """物理内存（GiB）。容器的上限可能比它小。"""
    return psutil.virtual_memory().total / 2**30


def copy_gbytes_per_s(megabytes: int = 256) -> float:
    """内存复制带宽（GB/s），读和写都算：取几次里最快的一次，避开别的进程的干扰。"""
    source = np.ones(megabytes * 10**6 // 8)
    target = np.empty_like(source)
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        np.copyto(target, source)
        seconds.append(time.perf_counter() - start)
    return 2 * source.nbytes / min(seconds) / 1e9


def open_links_mbits() -> list[int]:
    """开着的网络接口各自的速率（Mbit/s），含回环；系统不报速率的记 0。"""
    return [nic.speed for nic in psutil.net_if_stats().values() if nic.isup]


def entries(folder: str) -> int:
    """目录里有几项：内核把每个设备列成一项。"""
    return len(list(Path(folder).iterdir()))


if __name__ == "__main__":
    gpus = or_zero(nvidia_gpus) + or_zero(amd_gpus)
    print(f"≈ 加速器：{gpus} 张（NVIDIA 和 AMD 的驱动报告的）")
    print(f"≈ 处理器：逻辑核 {psutil.cpu_count() or 0} 个")
    print(f"≈ 内存：{memory_gib():.1f} GiB，复制带宽 {copy_gbytes_per_s():.1f} GB/s")
    links = or_zero(open_links_mbits) or []
    rdma = or_zero(lambda: entries("/sys/class/infiniband"))
    print(f"≈ 机间网络：开着的接口 {len(links)} 个（含回环）", end="，")
    print(f"最快 {max(links, default=0)} Mbit/s，RDMA 网卡 {rdma} 块")
    total, _, free = or_zero(lambda: shutil.disk_usage("/")) or (0, 0, 0)
    print(f"≈ 存储：根目录 {total / 1e9:.0f} GB，空闲 {free / 1e9:.0f} GB")
    counters = or_zero(lambda: len(read_counters(Path("/sys/class/powercap"))))
    print(f"≈ 电力：读得到的能量计数器 {counters} 个")
