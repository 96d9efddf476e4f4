"""长短不一的样本放进一个批，多少 token 是填充？分桶和装箱能省回多少？"""

import random
from itertools import accumulate


def batches(lengths: list[int], size: int) -> list[list[int]]:
    return [lengths[i : i + size] for i in range(0, len(lengths), size)]


def bucketed(lengths: list[int], size: int, window: int) -> list[list[int]]:
    """在每 window 个样本里按长度排序再成批：长度相近，而批与批之间仍是随机的。"""
    return [batch for chunk in batches(lengths, window) for batch in batches(sorted(chunk), size)]


def packed(lengths: list[int], capacity: int) -> list[list[int]]:
    """装箱：从长到短，放进第一个装得下的行（first-fit decreasing）。

    有样本比 capacity 还长时抛出 ValueError：先截断或切开。
    """
    if max(lengths) > capacity:
        raise ValueError(f"最长的样本有 {max(lengths)} 个 token，超过 capacity = {capacity}")
    rows: list[list[int]] = []
    for length in sorted(lengths, reverse=True):
        row = next((row for row in rows if sum(row) + length <= capacity), None)
        if row is None:
            rows.append([length])
        else:
            row.append(length)
    return rows


def waste(groups: list[list[int]], padded: int) -> float:
    """填充占全部 token 的比例，padded 是含填充的 token 总数。"""
    return 1 - sum(map(sum, groups)) / padded


def cut_apart(lengths: list[int], capacity: int) -> int:
    """首尾相接、每 capacity 个 token 切一刀，有几个样本被切开。"""
    ends = list(accumulate(lengths))
    return sum((end - n) // capacity != (end - 1) // capacity for n, end in zip(lengths, ends))


if __name__ == "__main__":
    rng, size, capacity = random.Random(0), 16, 4_096
    lengths = [min(capacity, int(rng.lognormvariate(6, 1)) + 1) for _ in range(2_048)]
    print(f"{len(lengths):,} 个样本，上限 {capacity:,}，每批 {size} 个，长度服从对数正态分布")

    plain, sorted_ = batches(lengths, size), bucketed(lengths, size, window=512)
    rows = packed(lengths, capacity)
    for name, groups, padded in (
        ("一律填到上限", plain, len(lengths) * capacity),
        ("填到本批最长", plain, sum(len(b) * max(b) for b in plain)),
        ("每 512 个样本排序成批，再填到本批最长", sorted_, sum(len(b) * max(b) for b in sorted_)),
        (f"装箱成 {len(rows)} 行", rows, len(rows) * capacity),
    ):
        print(f"{name}：{padded:,} 个 token，其中 {waste(groups, padded):.1%} 是填充")
    share = cut_apart(lengths, capacity) / len(lengths)
    print(f"首尾相接再切：没有填充，但 {share:.0%} 的样本被切开")
