"""日志一直在长，存在外面的哈希总是旧的：怎样既许它变长，又不许它变短或改写？"""

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infrastructure.security.audit_chain import append, genesis, verify


def statement(lines: int, head: str) -> bytes:
    return json.dumps(["audit", lines, head]).encode()


def witness(key: Ed25519PrivateKey, log: list[dict]) -> dict:
    """见证者在另一套权限里，隔一阵给日志的行数和末尾的哈希签一次名。"""
    lines, head = len(log), log[-1]["hash"] if log else genesis
    return {"lines": lines, "head": head, "signature": key.sign(statement(lines, head))}


def audit(log: list[dict], checkpoint: dict, public_key: Ed25519PublicKey) -> str:
    """只凭公钥核对：见证过的部分一行不能少、一行不能变，之后的部分只能接在后面。"""
    lines, head = checkpoint["lines"], checkpoint["head"]
    try:
        public_key.verify(checkpoint["signature"], statement(lines, head))
    except InvalidSignature:
        return "见证的签名不对：不是这个见证者签的，或见证被改过"
    if len(log) < lines:
        return f"见证时有 {lines} 行，现在只有 {len(log)} 行：末尾被砍掉"
    if (found := verify(log, log[-1]["hash"] if log else genesis)) != "完好":
        return found
    if (log[lines - 1]["hash"] if lines else genesis) != head:
        return f"链自身一致，前 {lines} 行与见证不符：整段被重写"
    return f"前 {lines} 行有见证，之后新添 {len(log) - lines} 行"


if __name__ == "__main__":
    key, log = Ed25519PrivateKey.generate(), []
    for action in ("读权重", "改防火墙", "导出权重"):
        append(log, user="mallory", action=action)
    seen = witness(key, log)
    append(log, user="bob", action="轮换密钥")
    forged: list[dict] = []
    for line in log:
        append(forged, user="alice", action=line["action"])
    tail = [*log[:3], {**log[3], "user": "alice"}]
    fake = witness(Ed25519PrivateKey.generate(), forged)
    for what, lines, checkpoint in (
        *(("日志正常地变长", log, seen), ("砍掉末尾两行", log[:2], seen)),
        *(("整条链重算", forged, seen), ("改还没见证的第 4 行", tail, seen)),
        *(("换一个见证", forged, fake), ("砍掉没见证的第 4 行", log[:3], seen)),
    ):
        print(f"{what}：{audit(lines, checkpoint, key.public_key())}")
