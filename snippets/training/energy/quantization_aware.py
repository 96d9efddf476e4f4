"""位数很少时，训练里就带着量化，比训完再量化准多少？"""

import numpy as np

from training.energy.digit_images import digits
from training.energy.digit_network import accuracy, initial, train


def round_to(kernel: np.ndarray, bits: int) -> np.ndarray:
    """每个输出通道一个比例，取整成 −(2^(b−1)−1) 到 2^(b−1)−1 的整数，再乘回来。

    bits 小于 2 时抛出 ValueError：对称的一位只剩零。
    """
    if bits < 2:
        raise ValueError(f"bits 至少是 2，收到 {bits}")
    scale = np.abs(kernel).max(axis=0) / (2 ** (bits - 1) - 1)
    return np.rint(kernel / scale) * scale


def rounded(bits: int):
    """权重取整，偏置不动。"""
    return lambda weights: [round_to(w, bits) if w.ndim == 2 else w for w in weights]


if __name__ == "__main__":
    (x, y), test = digits()
    targets = np.eye(10)[y]
    start = train(initial(128), x, targets, epochs=8)
    longer = train(start, x, targets, epochs=5)
    print(f"浮点：{accuracy(start, *test):.0%}，再训 5 轮 {accuracy(longer, *test):.0%}")
    for bits in (4, 3, 2):
        post = accuracy(rounded(bits)(longer), *test)  # 与下面的训练轮数相同
        # 直通估计：梯度在取整后的权重上算，更新加在没取整的权重上
        kept = train(start, x, targets, epochs=5, seen=rounded(bits))
        aware = accuracy(rounded(bits)(kept), *test)
        print(f"{bits} 位：训完再量化 {post:.0%}，训练里带着量化 {aware:.0%}")
