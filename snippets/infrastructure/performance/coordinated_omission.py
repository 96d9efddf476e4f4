"""压测里服务停了一秒，P99 为什么几乎不变？从计划发送的时刻算起，又是多少？"""

import numpy as np

from business.inference.limits import positive


def finish_ms(start_ms: float, work_ms: float, stall_ms: tuple[float, float]) -> float:
    """从 start_ms 开始做 work_ms 的活；stall_ms 那一段停摆，活顺延。"""
    begin, end = stall_ms
    if start_ms + work_ms <= begin or start_ms >= end:
        return start_ms + work_ms
    return start_ms + work_ms + end - max(begin, start_ms)


def closed_loop(count: int, every_ms: float, work_ms: float, stall_ms: tuple[float, float]):
    """每 every_ms 计划发一个，但上一个没回来就不发。返回两种延迟（毫秒）：

    从实际发送算起（很多压测工具报的），和从计划发送算起（用户等的）。
    """
    positive(count=count, every_ms=every_ms, work_ms=work_ms)
    back, sent_latency, planned_latency = 0.0, [], []
    for i in range(count):
        planned = i * every_ms
        sent = max(planned, back)
        back = finish_ms(sent, work_ms, stall_ms)
        sent_latency.append(back - sent)
        planned_latency.append(back - planned)
    return np.array(sent_latency), np.array(planned_latency)


if __name__ == "__main__":
    count, every_ms, work_ms, stall_ms = 2_000, 5, 1, (5_000, 6_000)
    print(f"计划每 {every_ms} ms 一个，共 {count:,} 个，每个做 {work_ms} ms；第 5 秒起停摆 1 秒")
    results = closed_loop(count, every_ms, work_ms, stall_ms)
    for name, latency in zip(("从实际发送算起", "从计划发送算起"), results):
        p50, p99, p999 = np.percentile(latency, [50, 99, 99.9], method="inverted_cdf")
        print(f"{name}：P50 {p50:.0f} ms，P99 {p99:.0f} ms，P99.9 {p999:.0f} ms，", end="")
        print(f"超过 100 ms 的 {np.sum(latency > 100)} 个")
