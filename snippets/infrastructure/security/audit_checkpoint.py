"""日志一直在长，存在外面的哈希总是旧的：怎样既许它变长，又不许它变短或改写？"""

import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infrastructure.security.audit_chain import append, genesis, verify


def statement(lines: int, head: str) -> bytes:
    return json.dumps(["audit", lines, head]).encode()


def witness(key: Ed25519PrivateKey, log: list[dict], last: dict | None = None) -> dict:
    """给日志的行数和末尾的哈希签名。日志若不是从上一次见证 last 长出来的，就不签。"""
    if last:
        audit(log, last, key.public_key())
    lines, head = len(log), log[-1]["hash"] if log else genesis
    return {"lines": lines, "head": head, "signature": key.sign(statement(lines, head))}


def audit(log: list[dict], checkpoint: dict, public_key: Ed25519PublicKey) -> int:
    """见证过的部分一行不能少、一行不能变。返回之后新添的行数；不对就抛出 ValueError。"""
    lines, head = checkpoint["lines"], checkpoint["head"]
    try:
        public_key.verify(checkpoint["signature"], statement(lines, head))
    except InvalidSignature:
        raise ValueError("见证的签名不对：不是这个见证者签的，或见证被改过") from None
    if len(log) < lines:
        raise ValueError(f"见证时有 {lines} 行，现在只有 {len(log)} 行：末尾被砍掉")
    if (found := verify(log, log[-1]["hash"] if log else genesis)) != "完好":
        raise ValueError(found)
    if (log[lines - 1]["hash"] if lines else genesis) != head:
        raise ValueError(f"链自身一致，前 {lines} 行与见证不符：整段被重写")
    return len(log) - lines


if __name__ == "__main__":
    key, log, forged = Ed25519PrivateKey.generate(), [], []
    for action in ("读权重", "改防火墙", "导出权重"):
        append(log, user="mallory", action=action)
    seen, public = witness(key, log), key.public_key()
    append(log, user="bob", action="轮换密钥")
    for line in log:
        append(forged, user="alice", action=line["action"])
    fake = witness(Ed25519PrivateKey.generate(), forged)
    for what, ask in (
        ("日志正常地变长", lambda: audit(log, seen, public)),
        ("砍掉末尾两行", lambda: audit(log[:2], seen, public)),
        ("整条链重算", lambda: audit(forged, seen, public)),
        ("重算之后，再请见证者签", lambda: witness(key, forged, last=seen)),
        ("换一个见证者签", lambda: audit(forged, fake, public)),
        ("砍掉没见证的第 4 行", lambda: audit(log[:3], seen, public)),
    ):
        try:
            print(f"{what}：通过，见证之后新添 {ask()} 行")
        except ValueError as error:
            print(f"{what}：{error}")
