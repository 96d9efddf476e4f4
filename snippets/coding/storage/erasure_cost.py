"""三副本和纠删码，各占多少空间，能丢几块，修一块要读多少？"""


def storage_ratio(data_blocks: int, parity_blocks: int) -> float:
    """占用 ÷ 原文件 = (k + p) / k。r 个副本就是 k = 1、p = r − 1。"""
    check(data_blocks, parity_blocks)
    return (data_blocks + parity_blocks) / data_blocks


def repair_reads(data_blocks: int, parity_blocks: int, lost_bytes: float) -> float:
    """坏了 lost_bytes 字节（每组一块），要从别的节点读多少：每一块都要读 k 块来算。

    没有校验块就没有可读的，抛出 ValueError。
    """
    check(data_blocks, parity_blocks)
    if parity_blocks == 0:
        raise ValueError("parity_blocks 是 0，坏了就救不回来，没有可读的")
    return data_blocks * lost_bytes


def check(data_blocks: int, parity_blocks: int) -> None:
    if data_blocks < 1 or parity_blocks < 0:
        raise ValueError(
            f"data_blocks 至少 1，parity_blocks 至少 0，收到 {data_blocks}、{parity_blocks}"
        )


if __name__ == "__main__":
    node_tb = 10  # 假设：坏掉的节点存着 10 TB
    for label, k, p in [
        ("2 副本", 1, 1),
        ("3 副本", 1, 2),
        ("RS(6,3)", 6, 3),
        ("RS(10,4)", 10, 4),
    ]:
        print(
            f"{label:<8} 占用 {storage_ratio(k, p):.2f} 倍，能丢 {p} 块，"
            f"节点坏了（假设存着 {node_tb} TB）要读 {repair_reads(k, p, node_tb):g} TB"
        )
