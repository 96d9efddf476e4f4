"""每一片的副本放在哪几个节点？加一个节点，要搬多少？"""

from collections import Counter
from collections.abc import Callable, Iterable

from coding.storage.shards import digest


def place(key: str, nodes: Iterable[str], replicas: int) -> list[str]:
    """会合哈希（rendezvous hashing）：每个节点对 key 打一个分，排序后取前 replicas 个。

    分数只由 key 和节点名决定：谁来算都一样，不用查表，也不受别的节点影响。
    """
    ranked = sorted(set(nodes), key=lambda node: digest(f"{node} {key}".encode()))
    if not 1 <= replicas <= len(ranked):
        raise ValueError(f"replicas 应在 1 到节点数 {len(ranked)} 之间，收到 {replicas}")
    return ranked[:replicas]


def modulo(key: str, nodes: Iterable[str], replicas: int) -> list[str]:
    """对照：哈希值除以节点数取余，从那里起连着放 replicas 个。"""
    names = sorted(nodes)
    first = int(digest(key.encode()), 16) % len(names)
    return [names[(first + i) % len(names)] for i in range(replicas)]


def moved(
    rule: Callable, keys: list[str], before: list[str], after: list[str], replicas: int
) -> float:
    """节点从 before 变成 after，有多大比例的副本要搬到新的地方。"""
    new = sum(len({*rule(k, after, replicas)} - {*rule(k, before, replicas)}) for k in keys)
    return new / (replicas * len(keys))


if __name__ == "__main__":
    keys = [f"shard{i}" for i in range(10_000)]
    ten = [f"n{i}" for i in range(10)]
    eleven = [*ten, "n10"]
    print(f"{len(keys):,} 片，每片 3 份")
    for change, before, after, ideal in [
        ("10 → 11 个节点", ten, eleven, 1 / 11),
        ("11 → 10 个节点", eleven, ten, 1 / 11),
    ]:
        hashed = moved(place, keys, before, after, 3)
        remainder = moved(modulo, keys, before, after, 3)
        print(f"{change}：会合哈希搬 {hashed:.1%}，理想 {ideal:.1%}，取余搬 {remainder:.1%}")
    load = Counter(node for key in keys for node in place(key, ten, 3))
    print(f"10 个节点，平均每个存 {3 * len(keys) // 10:,} 份")
    print(f"最多的 {max(load.values()):,} 份，最少的 {min(load.values()):,} 份")
