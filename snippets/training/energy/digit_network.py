"""下面几种压缩都用的小网络：怎样训练，多大，多准？"""

import numpy as np

from training.energy.digit_images import digits
from training.optimizers.rules import adam


def initial(width: int) -> list[np.ndarray]:
    """两个隐藏层。矩阵、偏置依次相间，与 Keras 的 get_weights 一样。"""
    rng, weights = np.random.default_rng(0), []
    for n, m in ((64, width), (width, width), (width, 10)):
        weights += [rng.normal(size=(n, m)) * (2 / n) ** 0.5, np.zeros(m)]
    return weights


def forward(weights, x) -> list[np.ndarray]:
    """每层的输入，最后一项是十个分数。"""
    values = [x]
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2]):
        values.append(np.maximum(values[-1] @ kernel + bias, 0))
    return [*values, values[-1] @ weights[-2] + weights[-1]]


def log_softmax(scores: np.ndarray) -> np.ndarray:
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def gradients(weights, x, targets, temperature: float = 1.0) -> list[np.ndarray]:
    """T² × 交叉熵的梯度。targets 是每类的概率；分数先除以温度 T，蒸馏才用，平时是 1。"""
    *inputs, scores = forward(weights, x)
    error = temperature * (np.exp(log_softmax(scores / temperature)) - targets) / len(x)
    found = []
    for values, kernel in zip(inputs[::-1], weights[-2::-2]):
        found += [error.sum(axis=0), values.T @ error]
        error = (error @ kernel.T) * (values > 1e-12)  # 正好抵消成零的，不让末位误差说了算
    return found[::-1]


def train(weights, x, targets, epochs, rate=0.003, temperature=1.0, seen=None, after=None):
    """Adam，小批量 50。前向用 seen(权重)；每次更新之后换成 after(权重, 进度)。默认都不改。"""
    rng, states = np.random.default_rng(0), [{} for _ in weights]
    rows = np.concatenate([rng.permutation(len(x)).reshape(-1, 50) for _ in range(epochs)])
    for t, r in enumerate(rows, 1):
        slopes = gradients(seen(weights) if seen else weights, x[r], targets[r], temperature)
        weights = [w - rate * adam(g, s, t) for w, g, s in zip(weights, slopes, states)]
        weights = after(weights, t / len(rows)) if after else weights
    return weights


def accuracy(weights, x, y) -> float:
    return float(np.mean(forward(weights, x)[-1].argmax(axis=1) == y))


if __name__ == "__main__":
    (x, y), test = digits()
    for width in (16, 128):
        weights = train(initial(width), x, np.eye(10)[y], epochs=8)
        size = sum(part.size for part in weights)
        print(f"隐藏层宽 {width}：{size:,} 个参数，准确率 {accuracy(weights, *test):.0%}")
