"""同样每卡一个网口，集群大了，网络为什么占的钱越来越多？"""

import math

from business.inference.limits import positive

FIRE_FLYER_SWITCH_PORTS = 40
FIRE_FLYER_ZONE_PORTS = 800
FIRE_FLYER_SWITCHES = (122, 200, 1_320)  # 两个区、三层 1,600 口、三层 10,000 口（DGX）
H100_CLUSTER_GPUS = (512, 1_024, 16_384, 32_768)
H100_CLUSTER_SWITCHES = (8, 48, 768, 2_560)


def most_ports(radix: int, levels: int) -> int:
    """无收敛的胖树（fat-tree）最多接几个口：2 × (每台口数 ÷ 2) 的层数次方。"""
    positive(radix=radix, levels=levels)
    return int(2 * (radix / 2) ** levels)


def levels_needed(ports: int, radix: int) -> int:
    """接得下 ports 个口的最少层数。radix 至少是 4，否则加层也不会变大。"""
    positive(ports=ports)
    if radix < 4:
        raise ValueError(f"radix 至少是 4，收到 {radix}")
    levels = 1
    while most_ports(radix, levels) < ports:
        levels += 1
    return levels


def switches(ports: int, radix: int, levels: int) -> int:
    """交换机的台数至少是 (2L − 1) × 口数 ÷ 每台口数：下面各层一半口朝下，一半朝上，顶层全朝下。"""
    positive(ports=ports, radix=radix, levels=levels)
    return math.ceil((2 * levels - 1) * ports / radix)


if __name__ == "__main__":
    print("H100，每卡一个口，64 口交换机，八张卡各成一个平面：")
    for gpus, published in zip(H100_CLUSTER_GPUS, H100_CLUSTER_SWITCHES):
        levels = levels_needed(gpus // 8, 64)  # 一个平面接每台服务器的一张卡
        count = switches(gpus, 64, levels)
        print(
            f"  {gpus:,} 张：{levels} 层，{count:,} 台，每千卡 {count / gpus * 1e3:.0f} 台；"
            f"成本表 {published:,} 台"
        )
    radix, zone = FIRE_FLYER_SWITCH_PORTS, FIRE_FLYER_ZONE_PORTS
    print(f"Fire-Flyer，{radix} 口交换机，两层最多 {most_ports(radix, 2)} 口：")
    for name, count, published in zip(
        ("两个区", "三层 1,600 口", "DGX，三层 10,000 口"),
        (2 * switches(zone, radix, 2), switches(2 * zone, radix, 3), switches(10_000, radix, 3)),
        FIRE_FLYER_SWITCHES,
    ):
        print(f"  {name}：{count:,} 台，论文 {published:,} 台")
