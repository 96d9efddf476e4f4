"""练习的参考答案：写够 W 个，读够 R 个，坏的不算应答，读到旧的顺手修好。"""

import hashlib


def record(version: int, data: bytes) -> tuple[int, bytes, str]:
    return version, data, hashlib.sha256(f"{version}:".encode() + data).hexdigest()


class QuorumStore:
    def __init__(self, nodes: dict, write_quorum: int, read_quorum: int) -> None:
        n, w, r = len(nodes), write_quorum, read_quorum
        if max(w, r) > n or w + r <= n:
            raise ValueError(f"N={n} 时 W、R 要在 1 到 N 之间且 W+R>N，收到 W={w}、R={r}")
        self.nodes, self.write_quorum, self.read_quorum = nodes, w, r
        self.used: dict[str, int] = {}  # 每个键用过的最大版本号

    def write(self, key: str, data: bytes) -> int:
        version = self.used[key] = self.used.get(key, 0) + 1
        absent = self.put(key, record(version, data), list(self.nodes))
        if len(self.nodes) - len(absent) < self.write_quorum:
            nodes = "、".join(absent)
            raise ConnectionError(f"{key} 没写够 {self.write_quorum} 份，连不上 {nodes}")
        return version

    def put(self, key: str, value: tuple, names: list[str]) -> list[str]:
        """写到 names 里的每个节点，返回连不上的。"""
        absent = []
        for name in names:
            try:
                self.nodes[name][key] = value
            except ConnectionError:
                absent.append(name)
        return absent

    def read(self, key: str) -> bytes:
        answers, corrupt, absent = {}, {}, []
        for name, node in self.nodes.items():
            try:
                value = node.get(key) or record(0, b"")
                (answers if value == record(*value[:2]) else corrupt)[name] = value
            except ConnectionError:
                absent.append(name)
        if len(answers) < self.read_quorum:
            bad = "、".join([*absent, *corrupt])
            raise ConnectionError(f"{key} 不够 {self.read_quorum} 个应答，连不上或坏了的：{bad}")
        newest = max(answers.values())
        if newest[0] == 0:
            raise KeyError(f"没有 {key}")
        self.put(key, newest, [*corrupt, *(n for n in answers if answers[n] != newest)])
        return newest[1]


if __name__ == "__main__":
    nodes = {"a": {}, "b": {}, "c": {}}
    store = QuorumStore(nodes, write_quorum=2, read_quorum=2)
    version = store.write("x", b"hello")
    nodes["a"]["x"] = (version, b"HELLO", nodes["a"]["x"][2])
    print(f"坏了一份，读到 {store.read('x').decode()}，修好了：{nodes['a'] == nodes['b']}")
