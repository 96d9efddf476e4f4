"""写完了，还是落盘了？fsync 让写慢多少，每秒最多提交几次？（≈ 行因机器而异）"""

import os
import statistics
import tempfile
import time


def write_s(fd: int, data: bytes, sync: bool) -> float:
    """写一次的秒数；sync 为真时，fsync 返回才算完。"""
    start = time.perf_counter()
    os.write(fd, data)
    if sync:
        os.fsync(fd)
    return time.perf_counter() - start


if __name__ == "__main__":
    mib, times = 64, 50
    print(f"顺序写 {mib} MiB，每次 1 MiB；追加 4 KiB，{times} 次")
    with tempfile.TemporaryFile() as file:
        fd, data = file.fileno(), os.urandom(1 << 20)  # 先生成：urandom 比写得还慢
        accepted_s = sum(write_s(fd, data, sync=False) for _ in range(mib))
        flush_s = write_s(fd, b"", sync=True)
        lazy, safe = (
            [write_s(fd, data[:4_096], sync) for _ in range(times)] for sync in (False, True)
        )
    print(f"≈ 顺序写：内核收下 {mib / accepted_s:,.0f} MiB/s，", end="")
    print(f"落盘 {mib / (accepted_s + flush_s):,.0f} MiB/s")
    print(f"≈ 追加：不落盘 {times / sum(lazy):,.0f} 次/s，次次 fsync {times / sum(safe):,.0f} 次/s")
    latency_s = statistics.median(safe)
    print(
        f"≈ 一次 fsync 的中位数 {latency_s * 1e3:.2f} ms，一个接一个地提交，上限 {1 / latency_s:,.0f} 次/s"
    )
    print(f"≈ 一次落盘的工夫，够顺序写 {latency_s * mib / (accepted_s + flush_s) * 1_024:,.0f} KiB")
