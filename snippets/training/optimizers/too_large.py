"""学习率大到多少会发散？二次曲面上是 2/λmax，差百分之一，结局就不同。"""

import numpy as np

from training.optimizers.compare import corpus
from training.optimizers.rules import adagrad, adam, descend, momentum, sgd


def largest_rate(hessian: np.ndarray, mu: float = 0.0) -> float:
    """全批量梯度下降不发散的最大学习率 2(1 + μ)/λmax，μ 是动量系数（Polyak，1964）。"""
    return 2 * (1 + mu) / np.linalg.eigvalsh(hessian)[-1]


def losses(direction, hessian: np.ndarray, rate: float, steps: int) -> np.ndarray:
    """从 w = (1, 1, …) 走向最小值 0，每一步的 w·H·w / 2。"""
    path = descend(direction, lambda w, t: hessian @ w, np.ones(len(hessian)), [rate] * steps)
    return np.einsum("ti,ij,tj->t", path, hessian, path) / 2


if __name__ == "__main__":
    x, _, _ = corpus(4096, 200, 0.1, seed=0)
    hessian = 2 * x.T @ x / len(x)  # 均方误差的二阶导数
    limit, steps = largest_rate(hessian), 500
    print(f"λmax = {2 / limit:.3f}，2/λmax = {limit:.3f}；走 {steps} 步，损失变成起点的几倍：")
    for name, direction, mu in ("SGD", sgd, 0.0), ("动量", momentum, 0.9):
        bound = largest_rate(hessian, mu)
        for share in 0.99, 1.01:
            curve = losses(direction, hessian, share * bound, steps)
            print(f"{name}，学习率是上限 {bound:.3f} 的 {share} 倍：{curve[-1] / curve[0]:.0e}")
    for name, direction in ("Adam", adam), ("AdaGrad", adagrad):
        curve = losses(direction, hessian, 10 * limit, steps)
        end = "低于起点" if curve[-1] < curve[0] else "高于起点"
        print(f"{name}，学习率 {10 * limit:.1f}：途中最高 {max(curve) / curve[0]:.0f}，最后{end}")
