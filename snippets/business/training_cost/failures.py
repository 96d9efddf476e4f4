"""节点越多停得越勤：按故障率算，有效训练时间还剩多少？"""

from business.inference.limits import non_negative, positive
from infrastructure.performance.availability import system_mtbf

RSC_FAILURES_PER_1000_NODE_DAYS = 6.50
RSC_MTTF_HOURS = (7.9, 1.8)  # 1,024 张卡实测、16,384 张卡推算
RSC_EXPECTED_ETTR = (0.7, 0.93)  # 每 60 分钟、每 5 分钟写一次检查点


def job_mttf_hours(nodes: float, failures_per_node_day: float) -> float:
    """整个作业两次故障之间的平均小时数 = 24 ÷（节点数 × 每节点每天的故障数）。"""
    positive(nodes=nodes, failures_per_node_day=failures_per_node_day)
    return system_mtbf(24 / failures_per_node_day, nodes)


def expected_ettr(
    nodes: float,
    failures_per_node_day: float,
    restart_minutes: float,
    checkpoint_interval_minutes: float,
    checkpoint_write_minutes: float = 0.0,
) -> float:
    """有效训练时间占比的期望，不计排队（arXiv:2410.21680）。

    (1 − N·r(u + Δt/2)) ÷ (1 + w/Δt)：每次故障损失重启 u 和平均半个间隔 Δt/2，每隔 Δt 停下来写 w。
    只在每次损失远小于故障间隔时成立；损失超过间隔，就记为零。
    """
    positive(nodes=nodes, checkpoint_interval_minutes=checkpoint_interval_minutes)
    non_negative(failures_per_node_day=failures_per_node_day, restart_minutes=restart_minutes)
    non_negative(checkpoint_write_minutes=checkpoint_write_minutes)
    failures_per_minute = nodes * failures_per_node_day / 1_440
    lost = failures_per_minute * (restart_minutes + checkpoint_interval_minutes / 2)
    return max(0.0, 1 - lost) / (1 + checkpoint_write_minutes / checkpoint_interval_minutes)


if __name__ == "__main__":
    rate = RSC_FAILURES_PER_1000_NODE_DAYS / 1_000
    for gpus, published in zip((1_024, 16_384), RSC_MTTF_HOURS):
        hours = job_mttf_hours(gpus // 8, rate)
        print(f"{gpus:,} 张卡：模型 {hours:.1f} 小时一次，论文 {published} 小时")
    for interval, published in zip((60, 5), RSC_EXPECTED_ETTR):
        ettr = expected_ettr(2_000, rate, 5, interval)
        print(f"16,000 张卡，每 {interval} 分钟写一次：ETTR {ettr:.3f}，论文 {published}")
