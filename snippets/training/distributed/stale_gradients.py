"""参数服务器不等人：用旧参数算出的梯度，会让训练怎样？"""

import heapq
import math


def train(seconds: list[float], rate: float, updates: int):
    """每个 worker 取参数、算梯度（用时各不相同）、送回；服务器收到一个就更新一次。

    损失是 w²/2，梯度就是取参数时的 w。返回（w 的历史，每次更新的陈旧度，总用时）。
    陈旧度是取走参数之后、送回梯度之前，别人更新了几次。
    """
    history, staleness = [1.0], []
    events = [(duration, worker, 0) for worker, duration in enumerate(seconds)]
    heapq.heapify(events)  # （送回的时刻，worker，取的是第几版参数）
    while len(staleness) < updates:
        now, worker, version = heapq.heappop(events)
        staleness.append(len(history) - 1 - version)
        history.append(history[-1] - rate * history[version])
        heapq.heappush(events, (now + seconds[worker], worker, len(history) - 1))
    return history, staleness, now


def largest_stable_rate(delay: int) -> float:
    """陈旧度恒为 delay 时，学习率小于它才收敛：w′ = w − η·w_旧 的特征根都在单位圆里。"""
    return 2 * math.sin(math.pi / (2 * (2 * delay + 1)))


if __name__ == "__main__":
    for workers in 1, 2, 4, 8:
        history, staleness, _ = train([1.0] * workers, rate=0.5, updates=200)
        limit = largest_stable_rate(workers - 1)
        print(
            f"{workers} 个 worker：陈旧度 {staleness[-1]}，学习率上限 {limit:.3f}，"
            f"学习率 0.5 时{'收敛' if abs(history[-1]) < 1e-3 else '发散'}"
        )
    slow = [1.0, 1.0, 1.0, 4.0]
    _, staleness, seconds = train(slow, rate=0.05, updates=104)
    print(
        f"一个慢 4 倍：异步每秒更新 {104 / seconds:.2f} 次，同步每秒用上 {4 / max(slow):.2f} 个梯度"
    )
    print(f"陈旧度最大 {max(staleness)}，来自最慢的那个")
