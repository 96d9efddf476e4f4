"""学习率衰减省了多少步？到达同样的损失，与调到最好的恒定学习率比。"""

import numpy as np

dim, batch = 8, 4  # 与 lr_schedule 同一个问题：8 个参数，每步 4 个样本，噪声方差 1


def next_excess(excess, rate):
    """走一步之后，损失比最小值高多少的期望。从 excess 开始，学习率 rate。

    特征是标准正态，记 H 为小批的平均外积：E[H] = I，E[H²] = (1 + (d+1)/B) I，
    误差 e ← e − 2η(He − 噪声)，所以期望有精确的递推，不必抽样。
    """
    kept = 1 - 4 * rate + 4 * rate**2 * (1 + (dim + 1) / batch)
    return kept * excess + 4 * rate**2 * dim / batch


def constant_steps(target: float, rates: np.ndarray, most: int = 20_000) -> int:
    """恒定学习率：rates 里最快的一个，几步降到 target。到不了时抛出 ValueError。"""
    excess = np.full(len(rates), float(dim))  # 从零出发，真值全是 1
    for step in range(1, most + 1):
        excess = next_excess(excess, rates)
        if excess.min() <= target:
            return step
    raise ValueError(f"target 取 {target}，rates 里没有一个在 {most} 步内到达")


def linear_final(steps: int, rates: np.ndarray) -> float:
    """线性降到零，跑 steps 步，rates 里最好的一个降到多少。"""
    excess = np.full(len(rates), float(dim))
    for step in range(steps):
        excess = next_excess(excess, rates * (1 - step / steps))
    return float(excess.min())


def linear_steps(target: float, rates: np.ndarray, most: int = 20_000) -> int:
    """线性降到零：总步数至少要多少。步数越多降得越低，所以二分。"""
    low, high = 1, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if linear_final(middle, rates) <= target else (middle + 1, high)
    return low


if __name__ == "__main__":
    rates = np.geomspace(0.0003, 0.15, 40)
    print("目标损失（高出最小值）  恒定，步  衰减，步  省")
    for target in (1, 0.1, 0.01, 0.001):
        flat, decayed = constant_steps(target, rates), linear_steps(target, rates)
        print(f"{target:>22}  {flat:>8,}  {decayed:>8,}  {1 - decayed / flat:.0%}")
