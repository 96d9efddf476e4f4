"""两个公开的集群，每张卡各分到多少网络、存储和电？"""

from infrastructure.components.checkpoint_burst import LLAMA3_STORAGE_TB_PER_S
from infrastructure.components.pods import (
    LLAMA3_GPUS_PER_RACK,
    LLAMA3_NIC_GBPS,
    LLAMA3_PODS,
    LLAMA3_RACKS_PER_POD,
)
from infrastructure.components.power import DGX_H100_KW, facility_mw

FIRE_FLYER_GPUS = 10_000
FIRE_FLYER_NODES = 1_250
FIRE_FLYER_NIC_GBPS = 200  # 每台一块，八张卡共用
FIRE_FLYER_STORAGE_NODES = 180
FIRE_FLYER_STORAGE_NICS = 2  # 每台存储服务器
FIRE_FLYER_STORAGE_TB_PER_S = (9, 8)  # 网卡之和、实测读取
FIRE_FLYER_NODE_W = (2_500, 4_200)  # 训练 ResNet 时的平均功率：自己的、DGX A100
FIRE_FLYER_MW = (3, 4)  # 全系统：略高于前者，不超过后者


def nic_gbytes_per_s(nics: int, gbps: float) -> float:
    """若干块网卡加起来的单向带宽（GB/s），1 字节 = 8 比特。"""
    return nics * gbps / 8


if __name__ == "__main__":
    llama3_gpus = LLAMA3_GPUS_PER_RACK * LLAMA3_RACKS_PER_POD * LLAMA3_PODS
    for name, gpus, nic, tb_per_s, watts in (
        ("Llama 3，H100", llama3_gpus, LLAMA3_NIC_GBPS, LLAMA3_STORAGE_TB_PER_S[1],
         DGX_H100_KW * 1e3),
        ("Fire-Flyer 2，A100", FIRE_FLYER_GPUS, FIRE_FLYER_NIC_GBPS / 8,
         FIRE_FLYER_STORAGE_TB_PER_S[1], FIRE_FLYER_NODE_W[0]),
    ):  # fmt: skip
        print(f"{name}，{gpus:,} 张，每张卡：", end="")
        print(f"网卡 {nic:.0f} Gbit/s，存储 {tb_per_s * 1e3 / gpus:.2f} GB/s，", end="")
        print(f"服务器 {watts / 8:,.1f} W")
    ports = FIRE_FLYER_STORAGE_NODES * FIRE_FLYER_STORAGE_NICS
    limit = nic_gbytes_per_s(ports, FIRE_FLYER_NIC_GBPS) / 1e3
    claimed, read = FIRE_FLYER_STORAGE_TB_PER_S
    print(
        f"3FS：{ports} 块网卡合计 {limit:.0f} TB/s，论文 {claimed}，读到 {read}，{read / limit:.0%}"
    )
    mw = facility_mw(FIRE_FLYER_GPUS, FIRE_FLYER_NODE_W[0] / 1e3, 8, pue=1)
    low, high = FIRE_FLYER_MW
    print(f"Fire-Flyer 2：{FIRE_FLYER_NODES:,} 台服务器 {mw:.1f} MW，", end="")
    print(f"论文说全系统略高于 {low} MW，不超过 {high} MW")
