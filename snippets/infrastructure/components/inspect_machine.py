"""你自己的机器，每一层有什么？（≈ 行因机器而异）"""

import os
import shutil
import socket
import time

import numpy as np
import tensorflow as tf


def memory_gib() -> float:
    """物理内存（GiB）。容器的上限可能比它小。"""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30


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


if __name__ == "__main__":
    devices = {kind: len(tf.config.list_physical_devices(kind)) for kind in ("CPU", "GPU", "TPU")}
    print(
        f"≈ 加速器：GPU {devices['GPU']} 个，TPU {devices['TPU']} 个，CPU 设备 {devices['CPU']} 个"
    )
    print(f"≈ 处理器：逻辑核 {os.cpu_count()} 个")
    print(f"≈ 内存：{memory_gib():.1f} GiB，复制带宽 {copy_gbytes_per_s():.1f} GB/s")
    print(f"≈ 网络：接口 {len(socket.if_nameindex())} 个（含回环）")
    disk = shutil.disk_usage("/")
    print(f"≈ 存储：根目录 {disk.total / 1e9:.0f} GB，空闲 {disk.free / 1e9:.0f} GB")
