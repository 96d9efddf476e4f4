"""几篇文档装进一行，掩码和位置怎样设，才与各算各的相同？"""

import numpy as np


def attention(x: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """单头自注意力（Q = K = V = x）。allowed[i, j] 为真时，第 i 个 token 看得到第 j 个。"""
    scores = np.where(allowed, x @ x.T / np.sqrt(x.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True) @ x


def causal(length: int) -> np.ndarray:
    return np.tril(np.ones((length, length), bool))


def block_causal(lengths: list[int]) -> np.ndarray:
    """块对角的因果掩码：只看同一篇里自己和自己之前的 token。"""
    document = np.repeat(np.arange(len(lengths)), lengths)
    return causal(sum(lengths)) & (document[:, None] == document)


def positions(lengths: list[int]) -> np.ndarray:
    """每篇从零数起的位置。"""
    return np.concatenate([np.arange(length) for length in lengths])


if __name__ == "__main__":
    rng, lengths, width = np.random.default_rng(0), [5, 3, 8], 16
    tokens = [rng.normal(size=(length, width)) for length in lengths]
    place = rng.normal(size=(sum(lengths), width))  # 位置编码表
    alone = np.concatenate([attention(t + place[: len(t)], causal(len(t))) for t in tokens])
    row, straight = np.concatenate(tokens), np.arange(sum(lengths))
    print(f"{len(lengths)} 篇，长 {lengths}，装成一行 {len(row)} 个 token")
    for name, where, mask in (
        ("块对角掩码，位置各自从零数", positions(lengths), block_causal(lengths)),
        ("块对角掩码，位置一直数下去", straight, block_causal(lengths)),
        ("整行因果掩码，位置各自从零数", positions(lengths), causal(len(row))),
    ):
        gap = np.abs(attention(row + place[where], mask) - alone).max(axis=1)
        wrong = [int((part > 1e-12).sum()) for part in np.split(gap, np.cumsum(lengths)[:-1])]
        print(f"{name}：与各算各的不同的 token，逐篇 {wrong}")
    pairs = block_causal(lengths).sum(), causal(len(row)).sum()
    print(f"要算的 token 对：块对角 {pairs[0]}，整行 {pairs[1]}")
    row_means = [[4.0], [1.0, 1.0, 1.0]]  # 假设的损失：第一行一个 token，第二行三个
    by_row = np.mean([np.mean(losses) for losses in row_means])
    print(f"两行各有 1 个和 3 个 token，损失 {row_means}："
          f"按行平均 {by_row:.2f}，按 token 平均 {np.mean(sum(row_means, [])):.2f}")  # fmt: skip
