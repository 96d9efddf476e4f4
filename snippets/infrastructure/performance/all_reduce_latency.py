"""all-reduce 的消息要多大，量到的才是带宽？用公布的一张表核对。"""

from business.inference.limits import non_negative, positive
from infrastructure.performance.busbw import ALLREDUCE_GPUS, all_reduce_busbw
from training.distributed.all_reduce_time import all_reduce_s

ALLREDUCE_SWEEP_MIB = (0.03125, 0.25, 1, 4, 16, 64, 1_024, 16_384)
ALLREDUCE_SWEEP_BUSBW = (0.92, 5.18, 17.13, 40.30, 93.93, 84.90, 94.15, 91.69)  # GB/s


def all_reduce_with_latency_s(
    size_bytes: float, ranks: int, bytes_per_s: float, step_s: float
) -> float:
    """环上要走 2(n−1) 步，每步另付 step_s 的固定开销，再加传输的时间。"""
    non_negative(step_s=step_s)
    return 2 * (ranks - 1) * step_s + all_reduce_s(size_bytes, ranks, bytes_per_s)


def half_bandwidth_bytes(ranks: int, bytes_per_s: float, step_s: float) -> float:
    """延迟等于传输时间的消息大小：这时 busbw 恰好是满的一半，等于 n × 带宽 × 每步开销。"""
    positive(ranks=ranks, bytes_per_s=bytes_per_s, step_s=step_s)
    return ranks * bytes_per_s * step_s


if __name__ == "__main__":
    n, full = ALLREDUCE_GPUS, ALLREDUCE_SWEEP_BUSBW[-1] * 1e9
    sizes = [mib * 2**20 for mib in ALLREDUCE_SWEEP_MIB]
    smallest_s = all_reduce_busbw(sizes[0], n) / (ALLREDUCE_SWEEP_BUSBW[0] * 1e9)
    step_s = (smallest_s - all_reduce_s(sizes[0], n, full)) / (2 * (n - 1))
    print(f"{n} 张卡；由最小和最大的消息定出：每步 {step_s * 1e6:.2f} µs，带宽 {full / 1e9} GB/s")
    for size, mib, published in zip(sizes, ALLREDUCE_SWEEP_MIB, ALLREDUCE_SWEEP_BUSBW):
        took = all_reduce_with_latency_s(size, n, full, step_s)
        model = all_reduce_busbw(size / took, n) / 1e9
        print(f"{mib:>12,} MiB：公布 {published:5.2f} GB/s，两个参数的模型 {model:5.2f}")
    half = half_bandwidth_bytes(n, full, step_s)
    print(f"模型里 busbw 到一半要 {half / 2**20:.1f} MiB")
