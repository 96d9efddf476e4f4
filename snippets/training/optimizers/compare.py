"""常见词和罕见词相差悬殊，六种优化器在同样的预算下谁学得好？"""

import numpy as np

from training.optimizers.rules import descend, optimizers

candidates = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # 每种优化器都试这一组学习率


def corpus(rows: int, words: int, noise: float, seed: int):
    """线性回归：第 j 个词以 0.5/j 的概率出现（Zipf），返回（x，y，真实权重）。"""
    rng = np.random.default_rng(seed)
    x = (rng.random((rows, words)) < 0.5 / np.arange(1, words + 1)).astype(float)
    weights = rng.normal(size=words)
    return x, x @ weights + noise * rng.normal(size=rows), weights


def loss(w, x, y) -> float:
    """均方误差；发散的记作无穷大。"""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(np.nan_to_num(np.mean((x @ w - y) ** 2), nan=np.inf, posinf=np.inf))


def train(name: str, x, y, rates, batch_size: int = 32) -> np.ndarray:
    """依次取每一批，从零开始把数据过一遍，返回每一步的权重。样本独立同分布，不必打乱。"""

    def gradient(w, t):
        rows = slice((t - 1) * batch_size, t * batch_size)
        return 2 * x[rows].T @ (x[rows] @ w - y[rows]) / batch_size

    direction, options = optimizers[name]
    with np.errstate(over="ignore", invalid="ignore"):
        return descend(direction, gradient, np.zeros(x.shape[1]), rates, **options)


def tune(name: str, x, y, shape) -> tuple[float, np.ndarray]:
    """每个候选都试一遍，返回（最后损失最低的学习率，它走过的权重）。

    shape 是每一步的学习率占候选值的比例，全是 1 就是不变的学习率。
    """
    tried = {rate: train(name, x, y, rate * np.asarray(shape)) for rate in candidates}
    best = min(candidates, key=lambda rate: loss(tried[rate][-1], x, y))
    return best, tried[best]


if __name__ == "__main__":
    rows, words, noise = 4096, 200, 0.1
    x, y, weights = corpus(rows, words, noise, seed=0)
    turn = np.linalg.qr(np.random.default_rng(9).normal(size=(words, words)))[0]
    print(f"条件数 {np.linalg.cond(x.T @ x):.0f}，噪声决定的损失下限 {noise**2:.2f}")
    for name in optimizers:
        best, path = tune(name, x, y, np.ones(rows // 32))
        rare = np.mean((path[-1] - weights)[words // 2 :] ** 2)
        _, turned = tune(name, x @ turn, y, np.ones(rows // 32))
        print(
            f"{name}：最好的学习率 {best}，损失 {loss(path[-1], x, y):.3f}，"
            f"罕见一半词的误差 {rare:.3f}；转过坐标系，损失 {loss(turned[-1], x @ turn, y):.3f}"
        )
