"""数词频时，一个热词占了四成，map–shuffle–reduce 的哪一步会被它拖住？"""

import random
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from coding.compute.pool import split
from training.data_skew.salting import merge, partition_of, salted


def map_block(words: list[str], partitions: int, hot: set[str], salts: int, combine: bool):
    """一段文本 → 每个分区一桶（词，个数）。combine：先在本地合并同一个词，再发出去。"""
    if bad := [word for word in words if "#" in word]:
        raise ValueError(f"词里不能有 #，它用来隔开盐，收到 {bad[0]!r}")
    keys = salted(words, hot, salts)
    buckets = [[] for _ in range(partitions)]
    for key, count in Counter(keys).items() if combine else ((key, 1) for key in keys):
        buckets[partition_of(key, partitions)].append((key, count))
    return buckets


def reduce_bucket(pairs: list[tuple[str, int]]) -> Counter:
    total = Counter()
    for key, count in pairs:
        total[key] += count
    return total


def shuffled_bytes(bucket: list[tuple[str, int]]) -> int:
    """按一行一条“键 个数”的文本计。"""
    return sum(len(f"{key} {count}\n".encode()) for key, count in bucket)


def word_count(words, workers, partitions, hot=frozenset(), salts=1, combine=False):
    """返回（词频，各分区收到的条数，穿过网络的字节数）。"""
    with ProcessPoolExecutor(max_workers=workers) as pool:
        mapper = partial(map_block, partitions=partitions, hot=hot, salts=salts, combine=combine)
        mapped = list(pool.map(mapper, split(words, 2 * workers)))
        buckets = [sum(parts, []) for parts in zip(*mapped)]  # shuffle：同一分区的桶到一处
        reduced = list(pool.map(reduce_bucket, buckets))
    counts = merge(sum(reduced, Counter()))  # 去掉盐，再合并一次
    return counts, [len(b) for b in buckets], sum(map(shuffled_bytes, buckets))


if __name__ == "__main__":
    rng, partitions = random.Random(0), 8
    words = ["的"] * 24_000 + [f"词{rng.randrange(1_000)}" for _ in range(36_000)]
    rng.shuffle(words)
    top = words.count("的") / len(words)
    print(f"{len(words):,} 个词，{len(set(words)):,} 种，{partitions} 个分区，“的”占 {top:.0%}")
    for name, plan in {
        "照原样": {},
        "只加盐": {"hot": {"的"}, "salts": 16},
        "先合并": {"combine": True},
        "先合并再加盐": {"hot": {"的"}, "salts": 16, "combine": True},
    }.items():
        counts, loads, size = word_count(words, workers=2, partitions=partitions, **plan)
        print(f"{name}：发出 {size:,} 字节，最忙的分区 {max(loads):,} 条，", end="")
        print(f"平均 {sum(loads) // partitions:,} 条，与直接数相同：{counts == Counter(words)}")
