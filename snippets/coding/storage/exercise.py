"""练习：几个节点会断网，内容会坏，怎样绝不返回旧的或坏的内容？

复制成 mine.py，写完 QuorumStore 的三个方法。nodes 是 {节点名: 像字典一样的节点}：
node.get(key) 取值，没有时是 None；node[key] = 值 写入；断网的节点两样都抛出 ConnectionError。
每个键存三元组 (version, data, checksum)，checksum 是
hashlib.sha256(f"{version}:".encode() + data).hexdigest()，不符的就是坏的。
节点开始时是空的，只有这个对象会写；节点会断网、会恢复、内容会坏，但不会失忆。
"""


class QuorumStore:
    def __init__(self, nodes: dict, write_quorum: int, read_quorum: int) -> None:
        """W 和 R 都在 1 到节点数 N 之间，而且 W + R > N；否则抛出 ValueError。"""
        raise NotImplementedError("先检查 write_quorum 和 read_quorum")

    def write(self, key: str, data: bytes) -> int:
        """写到所有连得上的节点，写成 W 个才算成功，返回版本号。

        不够 W 个时抛出 ConnectionError，写明连不上的节点名。
        版本号每个键从 1 起，每次加 1；失败的写入也用掉一个，因为它可能已经写进了某个节点。
        """
        raise NotImplementedError("写够 W 个节点才算成功")

    def read(self, key: str) -> bytes:
        """问所有节点，应答的至少 R 个，返回版本最新的内容。

        完好的一份、“没有这个键”都算应答；坏的不算，它可能正是最新的一份。
        不够 R 个时抛出 ConnectionError，写明连不上的、坏了的节点名；都说没有时抛出 KeyError。
        返回之前做读修复（read repair）：把最新的一份写给连得上的旧节点和坏节点。
        """
        raise NotImplementedError("问够 R 个节点，挑最新的")


if __name__ == "__main__":
    print("uv run --group test pytest tests/coding/test_storage.py --solution mine.py")
