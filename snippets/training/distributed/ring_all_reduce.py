"""环形 all-reduce 怎样求和，每个节点要发多少数据？"""

import numpy as np

from infrastructure.performance.busbw import bus_factor


def ring_all_reduce(vectors: list[np.ndarray]) -> tuple[list[np.ndarray], list[int]]:
    """返回（每个节点得到的和，每个节点发出的元素数）。向量长度不等时抛出 ValueError。

    每个向量切成 n 块。先转一圈 reduce-scatter，每个节点攒齐一块的和；
    再转一圈 all-gather，把攒齐的块传给所有人。
    """
    if len({vector.shape for vector in vectors}) != 1:
        raise ValueError(f"各节点的向量长度必须相同，收到 {[v.size for v in vectors]}")
    n = len(vectors)
    chunks = [np.array_split(vector, n) for vector in vectors]
    sent = [0] * n
    for gather in False, True:
        for step in range(n - 1):
            which = [(node + gather - step) % n for node in range(n)]
            messages = [chunks[node][i] for node, i in enumerate(which)]  # 同时发出
            for node, (i, message) in enumerate(zip(which, messages)):
                right = (node + 1) % n
                chunks[right][i] = message if gather else chunks[right][i] + message
                sent[node] += message.size
    return [np.concatenate(parts) for parts in chunks], sent


if __name__ == "__main__":
    size = 1024
    rng = np.random.default_rng(0)
    for nodes in 2, 8, 128:
        vectors = [rng.integers(100, size=size) for _ in range(nodes)]
        results, sent = ring_all_reduce(vectors)
        same = all((result == sum(vectors)).all() for result in results)
        print(
            f"{nodes:3} 个节点：和正确 {same}，每个节点发出 {max(sent) / size:.3f} 份梯度，"
            f"公式 2(n−1)/n = {bus_factor('all-reduce', nodes):.3f}"
        )
