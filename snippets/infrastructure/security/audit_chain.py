"""审计日志怎样做到改了一行就能发现，并指出是哪一行？"""

import hashlib
import json

genesis = "0" * 64


def seal(previous: str, record: dict) -> str:
    """一行的哈希：上一行的哈希加本行内容。改动任何一行，之后的哈希全都对不上。"""
    body = json.dumps(record, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def append(log: list[dict], **record) -> str:
    """追加一行，返回最新的哈希。把它定期存到写日志的人改不了的地方。"""
    previous = log[-1]["hash"] if log else genesis
    log.append({**record, "hash": seal(previous, record)})
    return log[-1]["hash"]


def verify(log: list[dict], anchor: str) -> str:
    """核对整条链和外部保存的最新哈希 anchor，返回结论。"""
    previous = genesis
    for number, line in enumerate(log, 1):
        record = {key: value for key, value in line.items() if key != "hash"}
        if seal(previous, record) != line["hash"]:
            return f"第 {number} 行对不上"
        previous = line["hash"]
    return "完好" if previous == anchor else "链自身一致，末尾与外部存的哈希不符"


if __name__ == "__main__":
    log: list[dict] = []
    for user, action in (
        *(("alice", "读权重"), ("bob", "改防火墙"), ("mallory", "导出权重")),
        *(("alice", "重启节点"), ("bob", "轮换密钥")),
    ):
        anchor = append(log, user=user, action=action)
    print(f"原样：{verify(log, anchor)}")
    edited = [dict(line) for line in log]
    edited[2]["user"] = "alice"
    print(f"把第 3 行的 mallory 改成 alice：{verify(edited, anchor)}")
    print(f"删掉第 3 行：{verify(log[:2] + log[3:], anchor)}")
    print(f"砍掉最后两行：{verify(log[:3], anchor)}")
    forged: list[dict] = []
    for line in edited:
        append(forged, user=line["user"], action=line["action"])
    print(f"改完再把后面的哈希全部重算：{verify(forged, anchor)}")
