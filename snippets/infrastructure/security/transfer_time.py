"""偷走一份权重，或者把它从备份恢复回来，光搬数据要多久？"""

from business.inference.limits import positive

LLAMA31_PARAMETERS_BILLION = 405  # 十亿个参数
LLAMA3_NIC_GBPS = 400  # Gbit/s，训练集群里一张网卡


def transfer_s(size_bytes: float, gbit_per_s: float) -> float:
    """t = 8S / r，只算链路，不算读盘和校验，所以是下限。"""
    positive(size_bytes=size_bytes, gbit_per_s=gbit_per_s)
    return 8 * size_bytes / (gbit_per_s * 1e9)


if __name__ == "__main__":
    bf16 = LLAMA31_PARAMETERS_BILLION * 1e9 * 2
    what = f"Llama 3.1 {LLAMA31_PARAMETERS_BILLION}B"
    print(f"{what} 的 bf16 权重 {bf16 / 1e9:.0f} GB，压到 4 位是 {bf16 / 4e9:.1f} GB")
    for where, speed in (("集群内一张网卡", LLAMA3_NIC_GBPS), ("出口 10 Gbit/s", 10),
                         ("出口 1 Gbit/s", 1), ("出口限到 0.1 Gbit/s", 0.1)):  # fmt: skip
        whole, packed = (transfer_s(size, speed) / 60 for size in (bf16, bf16 / 4))
        print(f"{where}：{whole:,.4g} 分钟；4 位的 {packed:,.4g} 分钟")
