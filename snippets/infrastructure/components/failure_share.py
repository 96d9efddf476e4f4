"""一次训练停在哪一层？把 Llama 3 公布的意外停机按原因归到各层。"""

from business.inference.limits import non_negative, positive
from infrastructure.performance.availability import (
    LLAMA3_SNAPSHOT_DAYS,
    LLAMA3_TRAINING_GPUS,
    LLAMA3_UNEXPECTED_STOPS,
)

LLAMA3_GPU_STOPS = (148, 72, 19, 17, 6, 6)  # 卡、HBM3、SRAM、系统处理器、静默错误、导热与传感器
LLAMA3_NETWORK_STOPS = (35, 7)  # 交换机与线缆、网卡
LLAMA3_HOST_STOPS = (2, 2, 2, 2)  # 机箱、扩展板、CPU、内存
LLAMA3_SSD_STOPS = 3
LLAMA3_POWER_SUPPLY_STOPS = 3
LLAMA3_SOFTWARE_STOPS = (54, 2)  # 软件缺陷、依赖
LLAMA3_MAINTENANCE_STOPS = 32
LLAMA3_UNKNOWN_STOPS = 7  # NCCL 看门狗超时，查不到是哪一层
LLAMA3_PRINTED_GPU_PERCENT = 58.7

# 归层是本站做的：论文把网卡、本机盘、电源都算作主机
stops_by_layer = {
    "电力与散热": LLAMA3_POWER_SUPPLY_STOPS,
    "加速器": sum(LLAMA3_GPU_STOPS),
    "主机": sum(LLAMA3_HOST_STOPS),
    "机间网络": sum(LLAMA3_NETWORK_STOPS),
    "存储（本机盘）": LLAMA3_SSD_STOPS,
    "训练软件": sum(LLAMA3_SOFTWARE_STOPS),
    "运维（计划外维护）": LLAMA3_MAINTENANCE_STOPS,
    "不明": LLAMA3_UNKNOWN_STOPS,
}


def share(part: float, whole: float) -> float:
    """占比。part 超过 whole 时抛出 ValueError。"""
    non_negative(part=part)
    positive(whole=whole)
    if part > whole:
        raise ValueError(f"part 不能大于 whole（{whole}），收到 {part}")
    return part / whole


def per_unit_year(stops: float, units: float, days: float) -> float:
    """一个部件一年出几次 = 次数 ÷ 个数 ÷ 天数 × 365。"""
    non_negative(stops=stops)
    positive(units=units, days=days)
    return stops / units / days * 365


if __name__ == "__main__":
    total, gpus = sum(stops_by_layer.values()), stops_by_layer["加速器"]
    for layer, stops in sorted(stops_by_layer.items(), key=lambda item: -item[1]):
        print(f"{layer}：{stops} 次，{share(stops, total):.1%}")
    print(f"合计 {total} 次，论文 {LLAMA3_UNEXPECTED_STOPS} 次，100%")
    yearly = per_unit_year(gpus, LLAMA3_TRAINING_GPUS, LLAMA3_SNAPSHOT_DAYS)
    print(f"加速器：论文正文印 {LLAMA3_PRINTED_GPU_PERCENT}%，与它自己的表不合")
    print(f"折成每张卡一年 {yearly:.1%}，{LLAMA3_TRAINING_GPUS:,} 张卡，", end="")
    print(f"{LLAMA3_SNAPSHOT_DAYS * 24 / gpus:.1f} 小时坏一张")
