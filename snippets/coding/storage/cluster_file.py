"""同一个文件存进集群，代码要改什么？"""

import random
from collections import Counter

from valkey.cluster import ValkeyCluster
from valkey.exceptions import TimeoutError, ValkeyClusterException

from coding.storage import shards
from coding.storage.cluster import valkey_cluster


def put(cluster: ValkeyCluster, key: str, value: bytes) -> None:
    """写一个键，等一个副本确认，等不到就抛出 TimeoutError。WAIT 只管同一条连接上的写入。"""
    node = cluster.get_valkey_connection(cluster.get_node_from_key(key))
    _, copies = node.pipeline(transaction=False).set(key, value).wait(1, 1_000).execute()
    if copies < 1:
        raise TimeoutError(f"{key} 只写到了主节点，没有副本确认，不能算成功")


def store(cluster: ValkeyCluster, name: str, data: bytes, shard_bytes: int) -> list[str]:
    """一条命令写一片，片名用内容的校验和，最后写清单：中途失败，重做一遍即可。返回各片的键。"""
    pieces = shards.split(data, shard_bytes)
    keys = [f"{name}:{shards.digest(piece)}" for piece in pieces]
    for key, piece in zip(keys, pieces):
        put(cluster, key, piece)
    put(cluster, f"{name}:manifest", " ".join(keys).encode())
    return keys


def load(cluster: ValkeyCluster, name: str) -> bytes:
    """错误与 shards.load 相同。"""
    manifest = cluster.get(f"{name}:manifest")
    if manifest is None:
        raise KeyError(f"没有名为 {name} 的文件")
    keys = manifest.decode().split()
    pieces = [cluster.get(key) or b"" for key in keys]
    for i, (key, piece) in enumerate(zip(keys, pieces)):
        if f"{name}:{shards.digest(piece)}" != key:
            raise ValueError(f"{name} 的第 {i} 片不见了，或校验和不符")
    return b"".join(pieces)


if __name__ == "__main__":
    original = random.Random(0).randbytes(300_000)
    with valkey_cluster() as nodes, ValkeyCluster("127.0.0.1", min(nodes)) as cluster:
        try:
            shards.store(cluster, "model.bin", original, 4_096)
        except ValkeyClusterException as error:
            print(f"照搬写入：{error}")
        try:
            cluster.mget("model.bin:0", "model.bin:1")
        except ValkeyClusterException as error:
            print(f"照搬读取：{error}")
        keys = store(cluster, "model.bin", original, 4_096)
        owners = Counter(list(nodes).index(cluster.get_node_from_key(key).port) for key in keys)
        same = load(cluster, "model.bin") == original
        print(f"三个主节点各有 {[owners[i] for i in range(3)]} 片；还原后逐位相同：{same}")
