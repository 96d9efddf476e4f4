"""一个热键拖慢整个作业时，加盐能把它拆开吗？结果还对吗？"""

import random
import zlib
from collections import Counter


def partition_of(key: str, partitions: int) -> int:
    """内置的 hash() 每次启动都换种子，同一个键会去不同的分区，所以用 CRC。"""
    return zlib.crc32(key.encode()) % partitions


def salted(keys: list[str], hot: set[str], salts: int) -> list[str]:
    """热键轮流加上 #0 … #(salts − 1)，变成 salts 个键；其余的键不动。"""
    if salts < 1:
        raise ValueError(f"salts 必须是正整数，收到 {salts}")
    return [f"{key}#{i % salts}" if key in hot else key for i, key in enumerate(keys)]


def busiest_over_mean(keys: list[str], partitions: int) -> float:
    """最忙分区的记录数 ÷ 平均数：所有分区都做完，作业才算完，所以这就是慢了几倍。"""
    loads = Counter(partition_of(key, partitions) for key in keys)
    return max(loads.values()) * partitions / len(keys)


def merge(partial: Counter) -> Counter:
    """第二步：去掉盐，把同一个键的部分和加起来。"""
    total = Counter()
    for key, count in partial.items():
        total[key.partition("#")[0]] += count
    return total


if __name__ == "__main__":
    rng, partitions = random.Random(0), 16
    keys = ["热键"] * 40_000 + [f"键{rng.randrange(2_000)}" for _ in range(60_000)]
    rng.shuffle(keys)
    print(f"{len(keys):,} 条记录，{partitions} 个分区，热键占 {keys.count('热键') / len(keys):.0%}")
    print(f"不加盐：最忙分区是平均的 {busiest_over_mean(keys, partitions):.2f} 倍")
    for salts in (4, 16, 64):
        spread = salted(keys, {"热键"}, salts)
        same = merge(Counter(spread)) == Counter(keys)
        ratio = busiest_over_mean(spread, partitions)
        print(f"热键加 {salts} 种盐：{ratio:.2f} 倍，去盐合并后与原来相同：{same}")
    more = busiest_over_mean(keys, partitions * 4)
    print(f"不加盐，分区加到 {partitions * 4} 个：最忙分区是平均的 {more:.2f} 倍")
