"""有的任务重，有的机器慢：怎样分，最后一台才早些做完？离下界还有多远？"""

import heapq
import random


def pull(works: list[float], speeds: list[float]) -> list[list[float]]:
    """动态调度：按次序排队，谁先空谁拿下一个。返回各台机器做了哪些。

    speeds 全相等时只看工作量，就是静态的贪心分法。
    """
    if not speeds or min(speeds) <= 0:
        raise ValueError(f"speeds 要有至少一个数，都大于 0，收到 {speeds}")
    free, parts = [(0.0, i) for i in range(len(speeds))], [[] for _ in speeds]
    for work in works:
        now, i = heapq.heappop(free)
        parts[i].append(work)
        heapq.heappush(free, (now + work / speeds[i], i))
    return parts


def makespan(parts: list[list[float]], speeds: list[float]) -> float:
    """完工时间（makespan）：最后一台做完的时刻。工作量 ÷ 速度。"""
    return max(sum(part) / speed for part, speed in zip(parts, speeds))


def lower_bound(works: list[float], speeds: list[float]) -> float:
    """谁也低不过的时间：全体不停地干，或者最快的一台独自做最重的任务。"""
    return max(sum(works) / sum(speeds), max(works) / max(speeds))


def in_pieces(works: list[float], most: float) -> list[float]:
    """把超过 most 的任务切成等份，每份不超过 most；总量不变。"""
    counts = [-int(-work // most) for work in works]
    return [work / n for work, n in zip(works, counts) for _ in range(n)]


if __name__ == "__main__":
    rng, speeds = random.Random(1), [1.0] * 7 + [0.5]
    works = [rng.lognormvariate(3, 1) for _ in range(200)]
    heavy_first, bound = sorted(works, reverse=True), lower_bound(works, speeds)
    print(f"{len(works)} 个任务，{len(speeds)} 台机器，一台只有一半速度；完工时间 ÷ 下界：")
    for name, parts in (
        ("静态，个数相等", [works[i :: len(speeds)] for i in range(len(speeds))]),
        ("静态，工作量相等，不知道谁慢", pull(heavy_first, [1.0] * len(speeds))),
        ("动态，按原来的次序", pull(works, speeds)),
        ("动态，从重到轻", pull(heavy_first, speeds)),
        ("动态，从轻到重", pull(heavy_first[::-1], speeds)),
    ):
        print(f"{name}：{makespan(parts, speeds) / bound:.2f}")
    works.append(sum(works) / 4)  # 来了一个特别重的任务
    whole, cut = sorted(works, reverse=True), sorted(in_pieces(works, 100), reverse=True)
    ideal = sum(works) / sum(speeds)
    print(
        f"加一个占五分之一的任务，下界由它定，是均分用时的 {lower_bound(works, speeds) / ideal:.2f} 倍"
    )
    for name, queue in ("动态，从重到轻", whole), ("切到每个不超过 100，再动态", cut):
        print(f"{name}：均分用时的 {makespan(pull(queue, speeds), speeds) / ideal:.2f} 倍")
