"""几个九是停多久？单台很可靠，上万张卡一起为什么几小时就停一次？"""

from business.inference.limits import fraction, positive

LLAMA3_SNAPSHOT_DAYS = 54
LLAMA3_UNEXPECTED_STOPS = 419
LLAMA3_TRAINING_GPUS = 16_384


def downtime_hours_per_year(availability: float) -> float:
    """一年停多少小时 = (1 − 可用性) × 8760。"""
    fraction(availability=availability)
    return (1 - availability) * 8_760


def availability(mtbf_hours: float, mttr_hours: float) -> float:
    """A = MTBF ÷ (MTBF + MTTR)：MTBF 是两次故障之间正常运行的时间，MTTR 是恢复的时间。"""
    if mtbf_hours <= 0 or mttr_hours < 0:
        raise ValueError(f"MTBF 要大于 0，MTTR 不能小于 0，收到 {mtbf_hours} 和 {mttr_hours}")
    return mtbf_hours / (mtbf_hours + mttr_hours)


def system_mtbf(part_mtbf: float, parts: float) -> float:
    """任何一个坏了就全停：故障率相加，所以 MTBF 除以个数。"""
    positive(part_mtbf=part_mtbf, parts=parts)
    return part_mtbf / parts


def part_mtbf(system_mtbf: float, parts: float) -> float:
    """反过来：由整体的 MTBF 推出单个的 MTBF，单位不变。"""
    positive(system_mtbf=system_mtbf, parts=parts)
    return system_mtbf * parts


def mtbf_hours(days: float, failures: float) -> float:
    """日历上平均多少小时出一次故障 = 天数 × 24 ÷ 次数。"""
    positive(days=days, failures=failures)
    return days * 24 / failures


if __name__ == "__main__":
    for percent in (99, 99.9, 99.99):
        hours = downtime_hours_per_year(percent / 100)
        print(f"可用性 {percent}%：每年停 {hours:.2f} 小时，即 {hours * 60:,.2f} 分钟")

    between = mtbf_hours(LLAMA3_SNAPSHOT_DAYS, LLAMA3_UNEXPECTED_STOPS)
    servers = LLAMA3_TRAINING_GPUS // 8
    print(
        f"Llama 3：{LLAMA3_SNAPSHOT_DAYS} 天意外停 {LLAMA3_UNEXPECTED_STOPS} 次，平均 {between:.2f} 小时一次"
    )
    print(f"摊到 {servers:,} 台服务器：每台 {part_mtbf(between, servers) / 24:.0f} 天一次")
    print(f"要有 90% 的时间在有效训练，每次停机最多损失 {0.1 * between * 60:.1f} 分钟")
    for minutes in (5, 15, 60):
        up = availability(between - minutes / 60, minutes / 60)  # 日历间隔 = 运行 + 恢复
        print(f"每次 {minutes} 分钟恢复：可用性 {up:.1%}")
    print(f"服务器增到 4 倍：{system_mtbf(between, 4) * 60:.0f} 分钟停一次")
