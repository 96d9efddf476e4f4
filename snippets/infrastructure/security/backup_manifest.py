"""备份都是真的，却被人换成了旧的一份：恢复的时候怎样认出来？"""

import hashlib
import hmac
import json
import os


def stamp(key: bytes, counter: int, dump: bytes) -> dict:
    """备份的清单：第几份、内容的哈希，和只有持钥者算得出的校验码（HMAC）。"""
    fields = {"counter": counter, "sha256": hashlib.sha256(dump).hexdigest()}
    return fields | {"mac": mac(key, fields)}


def mac(key: bytes, fields: dict) -> str:
    return hmac.new(key, json.dumps(fields, sort_keys=True).encode(), "sha256").hexdigest()


def check(key: bytes, wanted: int, manifest: dict, dump: bytes) -> None:
    """恢复之前核对。wanted 是要恢复的那一份的编号，从备份之外的地方得知。不对就抛出 ValueError。"""
    fields = {name: value for name, value in manifest.items() if name != "mac"}
    if not hmac.compare_digest(mac(key, fields), manifest.get("mac", "")):
        raise ValueError("清单的校验码不对：清单被改过，或不是这把密钥写的；换一份备份")
    if manifest["counter"] != wanted:
        raise ValueError(f"要的是第 {wanted} 份，拿到第 {manifest['counter']} 份：旧备份冒充新的")
    found = hashlib.sha256(dump).hexdigest()
    if found != manifest["sha256"]:
        raise ValueError(f"第 {wanted} 份备份的内容与清单不符，实为 {found[:8]}…；换一份备份")


if __name__ == "__main__":
    key = os.urandom(32)
    dumps = {counter: f"snapshot {counter}".encode() for counter in (1, 2, 3)}
    made = {counter: stamp(key, counter, dump) for counter, dump in dumps.items()}
    for what, wanted, manifest, dump in (
        ("要最新的，给的也是", 3, made[3], dumps[3]),
        ("旧的清单配旧的内容", 3, made[1], dumps[1]),
        ("新的清单配旧的内容", 3, made[3], dumps[1]),
        ("把旧清单的编号改成 3", 3, made[1] | {"counter": 3}, dumps[1]),
        ("有意退回第 1 份", 1, made[1], dumps[1]),
    ):
        try:
            check(key, wanted, manifest, dump)
            print(f"{what}：可以恢复")
        except ValueError as error:
            print(f"{what}：{error}")
