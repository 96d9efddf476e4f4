"""搬一份数据要多久？all-reduce 一次梯度又要多久？"""

from business.inference.limits import positive
from infrastructure.performance.busbw import bus_factor

A100_NVLINK_GBYTES_PER_S = 300  # 每卡单向


def transfer_s(size_bytes: float, bits_per_s: float) -> float:
    """用时 = 字节 × 8 ÷ 每秒比特数。网卡按比特标速率，显存和 NVLink 按字节，差 8 倍。"""
    positive(size_bytes=size_bytes, bits_per_s=bits_per_s)
    return size_bytes * 8 / bits_per_s


def all_reduce_s(size_bytes: float, ranks: int, bytes_per_s: float) -> float:
    """环形 all-reduce 的用时 = 2(n−1)/n × S/W，忽略延迟。W 是每卡单向带宽。"""
    positive(size_bytes=size_bytes, bytes_per_s=bytes_per_s)
    return bus_factor("all-reduce", ranks) * size_bytes / bytes_per_s


def all_reduce_limit_s(size_bytes: float, bytes_per_s: float) -> float:
    """卡数很多时，2(n−1)/n 趋于 2，用时趋于 2S/W。"""
    positive(size_bytes=size_bytes, bytes_per_s=bytes_per_s)
    return 2 * size_bytes / bytes_per_s


if __name__ == "__main__":
    gradient, nvlink = 8e9, A100_NVLINK_GBYTES_PER_S * 1e9  # 假设：梯度 8 GB
    print(
        f"{gradient / 1e9:.0f} GB 梯度，A100 的 NVLink 每卡单向 {A100_NVLINK_GBYTES_PER_S} GB/s："
    )
    for ranks in (2, 8, 1_024):
        print(f"  {ranks:>5,} 张卡：{all_reduce_s(gradient, ranks, nvlink) * 1e3:.1f} ms")
    print(f"  　　极限：{all_reduce_limit_s(gradient, nvlink) * 1e3:.1f} ms")
    network = 200e9  # 假设：每卡一块 200 Gbit/s 的网卡
    slow = all_reduce_limit_s(gradient, network / 8)
    print(f"只走 {network / 1e9:.0f} Gbit/s 的网卡，极限 {slow * 1e3:.0f} ms")
    print(f"800 亿个单精度参数走这块网卡，发一遍 {transfer_s(80e9 * 4, network):.1f} 秒")
