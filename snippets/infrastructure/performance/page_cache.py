"""读到的是磁盘还是内存？顺序读和随机读差多少？（≈ 行因机器而异）"""

import os
import random
import tempfile
import time
from resource import RUSAGE_SELF, getrusage

import psutil


def in_memory(path: str, mounts: dict[str, str]) -> bool:
    """路径所在的文件系统是不是 tmpfs。mounts 是挂载点 → 类型，取最长的前缀。"""
    inside = [m for m in mounts if os.path.commonpath([m, os.path.realpath(path)]) == m]
    return mounts.get(max(inside, key=len, default="")) in ("tmpfs", "ramfs")


def drop_cache(fd: int) -> bool:
    """落盘，再请内核忘掉这个文件的页。没有 posix_fadvise 的系统（macOS）返回 False。"""
    os.fsync(fd)  # 脏页丢不掉
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    return hasattr(os, "posix_fadvise")


def read(fd: int, size: int, places) -> None:
    buffers = [bytearray(size)]  # 反复用同一块，不把分配内存的时间算进去
    for place in places:
        os.preadv(fd, buffers, place * size)


def measured(job, *arguments) -> tuple[float, float]:
    """(秒，其间真正从设备读来的 MiB)：页缓存命中的不算在后一个里。"""
    before, start = getrusage(RUSAGE_SELF).ru_inblock, time.perf_counter()
    job(*arguments)
    return time.perf_counter() - start, (getrusage(RUSAGE_SELF).ru_inblock - before) / 2_048


if __name__ == "__main__":
    mounts = {m.mountpoint: m.fstype for m in psutil.disk_partitions(all=True)}
    mib, pages = 64, random.Random(0).sample(range(64 * 256), 512)
    print(f"文件 {mib} MiB；顺序每次 1 MiB，随机每次 4 KiB、共 {len(pages)} 次")
    with tempfile.TemporaryFile() as file:
        file.write(os.urandom(mib << 20))
        file.flush()
        print(f"≈ 在内存文件系统（tmpfs）上 {in_memory(tempfile.gettempdir(), mounts):d}", end="，")
        print(f"能清页缓存 {drop_cache(file.fileno()):d}（1 是，0 否）")
        rates = []
        for name, size, places in ("顺序读", 1 << 20, range(mib)), ("随机读", 4_096, pages):
            drop_cache(file.fileno())
            for state in "冷", "热":  # 冷读之后，页就在缓存里了
                s, real = measured(read, file.fileno(), size, places)
                rates.append(len(places) * size / s / 2**20)
                print(f"≈ {name}，{state}：{rates[-1]:,.0f} MiB/s", end="，")
                print(f"{len(places) / s:,.0f} 次/s，来自设备 {real:.1f} MiB")
    cold, hot, random_cold, _ = rates
    print(
        f"≈ 冷的随机读只有冷的顺序读的 {random_cold / cold:.1%}；热读是冷读的 {hot / cold:.1f} 倍"
    )
