"""一批请求长短不一，等最长的做完再换批，还是谁做完谁让位？"""

import heapq
import random


def static_steps(lengths: list[int], slots: int) -> int:
    """静态批处理：凑满 slots 个请求，等最长的生成完再换下一批。返回解码步数。"""
    if slots < 1:
        raise ValueError(f"slots 必须是正整数，收到 {slots}")
    return sum(max(lengths[i : i + slots]) for i in range(0, len(lengths), slots))


def continuous_steps(lengths: list[int], slots: int) -> int:
    """连续批处理：做完的请求让出位置，队首的请求下一步就补上。返回解码步数。"""
    if slots < 1:
        raise ValueError(f"slots 必须是正整数，收到 {slots}")
    free_at = [0] * slots  # 堆：每个位置在第几步之后空出
    for length in lengths:
        heapq.heappush(free_at, heapq.heappop(free_at) + length)
    return max(free_at)


if __name__ == "__main__":
    slots, rng = 32, random.Random(0)
    lengths = [1 + int(rng.expovariate(1 / 200)) for _ in range(512)]
    work = sum(lengths)
    print(f"{len(lengths)} 个请求，{slots} 个位置")
    print(f"平均生成 {work / len(lengths):.0f} 个 token，最长 {max(lengths):,} 个")
    for name, steps in (
        ("静态批处理", static_steps(lengths, slots)),
        ("连续批处理", continuous_steps(lengths, slots)),
        ("下界（位置全满）", -(-work // slots)),
    ):
        print(f"{name}：{steps:,} 步，位置利用率 {work / (slots * steps):.1%}")
