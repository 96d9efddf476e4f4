"""显存只放得下四分之一批，怎样训练得和整批一样？"""

import numpy as np


def gradient_sum(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """这些样本的梯度之和（不是平均）。损失是 (x·w − y)²。"""
    return 2 * x.T @ (x @ weights - y)


def accumulated(weights, x, y, sizes) -> np.ndarray:
    """把一批切成 sizes 这样大的几份，梯度累加起来，最后除以整批的大小，再更新一次。"""
    total = np.zeros_like(weights)
    for rows in np.split(np.arange(len(x)), np.cumsum(sizes)[:-1]):
        total += gradient_sum(weights, x[rows], y[rows])  # 一次只有一份的激活值在显存里
    return total / len(x)


def mean_of_means(weights, x, y, sizes) -> np.ndarray:
    """常见的错误：每份先求平均，再对几份求平均。"""
    parts = np.split(np.arange(len(x)), np.cumsum(sizes)[:-1])
    return np.mean([gradient_sum(weights, x[r], y[r]) / len(r) for r in parts], axis=0)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    x, y = rng.integers(-8, 8, size=(16, 3)).astype(float), rng.integers(-8, 8, size=16)
    weights = np.ones(3)  # 全是整数，浮点求和没有舍入，可以要求完全相等
    whole = gradient_sum(weights, x, y) / 16
    for name, sizes in ("四份一样大", [4, 4, 4, 4]), ("四份不一样大", [7, 5, 3, 1]):
        right = np.array_equal(accumulated(weights, x, y, sizes), whole)
        wrong = mean_of_means(weights, x, y, sizes)
        gap = np.linalg.norm(wrong - whole) / np.linalg.norm(whole)
        print(f"{name}：累加再除以 16，与整批相等 {right}；平均的平均差 {gap:.0%}")
