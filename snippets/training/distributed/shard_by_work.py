"""数据怎样分给各个节点，才不会都在等最慢的一个？"""

import heapq

import numpy as np


def document_tokens(documents: int, seed: int) -> np.ndarray:
    """每篇文档的 token 数：长尾分布，按长度排好序（同类文件常常挨在一起）。"""
    tokens = np.random.default_rng(seed).lognormal(6, 1, size=documents)
    return np.sort(tokens.astype(int) + 1)


def contiguous(tokens: np.ndarray, nodes: int) -> list[np.ndarray]:
    """切成连续的几段，文档数相等。"""
    return np.array_split(tokens, nodes)


def strided(tokens: np.ndarray, nodes: int) -> list[np.ndarray]:
    """tf.data 的 shard() 就是这样取：第 i 个节点取第 i、i+nodes、i+2·nodes……个。"""
    return [tokens[i::nodes] for i in range(nodes)]


def greedy(tokens: np.ndarray, nodes: int) -> list[np.ndarray]:
    """从大到小，每次分给当前工作量最小的节点。nodes 小于一时抛出 ValueError。"""
    if nodes < 1:
        raise ValueError(f"nodes 必须是正整数，收到 {nodes}")
    loads = [(0, node) for node in range(nodes)]  # （工作量，节点）的堆
    parts = [[] for _ in range(nodes)]
    for work in sorted(tokens, reverse=True):
        load, node = heapq.heappop(loads)
        parts[node].append(work)
        heapq.heappush(loads, (load + work, node))
    return [np.array(part) for part in parts]


def slowest_over_mean(parts: list[np.ndarray]) -> float:
    """最慢节点的工作量 ÷ 平均工作量：同步训练的用时正比于它，1 是理想值。"""
    work = [part.sum() for part in parts]
    return max(work) / np.mean(work)


if __name__ == "__main__":
    tokens, nodes = document_tokens(256, seed=0), 8
    print(f"{len(tokens)} 篇文档，{tokens.sum():,} 个 token，{nodes} 个节点")
    for name, split in ("连续切段", contiguous), ("shard()", strided), ("按工作量", greedy):
        parts = split(tokens, nodes)
        counts = [len(part) for part in parts]
        print(
            f"{name}：每个节点 {min(counts)} 至 {max(counts)} 篇，"
            f"最慢 ÷ 平均 = {slowest_over_mean(parts):.2f}"
        )
