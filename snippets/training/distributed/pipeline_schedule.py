"""流水线并行空等多少？两种排法，要存的激活值差多少？"""

from fractions import Fraction

cost = {"F": 1, "B": 2}  # 假设：反向的计算量是前向的 2 倍


def gpipe(stage: int, stages: int, micro_batches: int) -> list[tuple[str, int]]:
    """先做完全部前向，再做全部反向。"""
    return [(kind, i) for kind in "FB" for i in range(micro_batches)]


def one_f_one_b(stage: int, stages: int, micro_batches: int) -> list[tuple[str, int]]:
    """先做几个前向填满流水线，然后前向、反向交替。"""
    ahead = min(stages - 1 - stage, micro_batches)
    order = [("F", i) for i in range(ahead)]
    for i in range(micro_batches - ahead):
        order += [("F", ahead + i), ("B", i)]
    return order + [("B", i) for i in range(micro_batches - ahead, micro_batches)]


def timeline(schedule, stages: int, micro_batches: int) -> dict[tuple, tuple[int, int]]:
    """按依赖关系排时间：{(段, "F" 或 "B", 微批)：(开始, 结束)}。互相等待就抛出 ValueError。"""
    queues = [schedule(stage, stages, micro_batches) for stage in range(stages)]
    done, free = {}, [0] * stages
    while any(queues):
        before = len(done)
        for stage, queue in enumerate(queues):
            kind, i = queue[0] if queue else ("F", -1)
            # 前向等上一段的前向；反向等下一段的反向，最后一段等自己的前向
            back = (stage + 1, "B", i) if stage + 1 < stages else (stage, "F", i)
            needs = (stage - 1, "F", i) if kind == "F" else back
            if queue and (needs in done or needs[0] < 0):
                start = max(free[stage], done.get(needs, (0, 0))[1])  # 一段同时只做一件事
                free[stage] = start + cost[kind]
                done[stage, *queue.pop(0)] = start, free[stage]
        if len(done) == before:
            raise ValueError(f"各段互相等待：{[queue[:1] for queue in queues]}")
    return done


def bubble(done: dict, micro_batches: int) -> Fraction:
    """空等 ÷ 干活：第一段从头到尾的时间，减去它干活的时间。"""
    ideal = micro_batches * sum(cost.values())
    return Fraction(max(end for _, end in done.values()) - ideal, ideal)


def activations_held(schedule, stages: int, micro_batches: int) -> int:
    """第一段最多同时存几个微批的激活值：前向做完存下，反向做完释放。"""
    held = [1 if kind == "F" else -1 for kind, _ in schedule(0, stages, micro_batches)]
    return max(sum(held[: i + 1]) for i in range(len(held)))


if __name__ == "__main__":
    for stages, micro in (4, 4), (4, 8), (4, 32), (8, 32):
        print(f"{stages} 段、{micro} 个微批，公式 {(stages - 1) / micro:.1%}：")
        for name, schedule in ("GPipe", gpipe), ("1F1B", one_f_one_b):
            share = float(bubble(timeline(schedule, stages, micro), micro))
            held = activations_held(schedule, stages, micro)
            print(f"  {name} 空等 {share:.1%}，第一段存 {held} 个微批的激活值")
