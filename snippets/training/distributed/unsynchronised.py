"""每个节点各跑各的训练循环，模型还是同一个吗？"""

import numpy as np

from training.distributed.accumulation import gradient_sum


def node_data(nodes: int, rows: int, features: int, seed: int) -> list[tuple]:
    """同一个线性回归任务，每个节点拿到不同的样本。"""
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=features)
    data = []
    for _ in range(nodes):
        x = rng.normal(size=(rows, features))
        data.append((x, x @ truth + rng.normal(size=rows)))
    return data


def train(data: list[tuple], epochs: int, batch: int, learning_rate: float, synchronise: bool):
    """返回每个节点训练后的权重。synchronise 为真时，每步先求各节点梯度的平均，再各自更新。"""
    replicas = [np.zeros(data[0][0].shape[1]) for _ in data]  # 起点相同
    for _ in range(epochs):
        for start in range(0, len(data[0][0]), batch):
            rows = slice(start, start + batch)
            gradients = [
                gradient_sum(weights, x[rows], y[rows]) / len(x[rows])
                for weights, (x, y) in zip(replicas, data)
            ]
            if synchronise:  # all-reduce：每个节点都拿到同一个平均值
                gradients = [np.mean(gradients, axis=0)] * len(gradients)
            for weights, gradient in zip(replicas, gradients):
                weights -= learning_rate * gradient
    return replicas


def drift(replicas: list[np.ndarray]) -> float:
    """各副本离它们平均值的最大距离 ÷ 平均值的长度。"""
    mean = np.mean(replicas, axis=0)
    return max(np.linalg.norm(w - mean) for w in replicas) / np.linalg.norm(mean)


if __name__ == "__main__":
    data = node_data(nodes=2, rows=64, features=16, seed=0)
    for epochs in 1, 5, 20:
        apart, together = (train(data, epochs, 16, 0.05, synchronise=s) for s in (False, True))
        print(
            f"{epochs} 轮后副本偏离平均值：不同步 {drift(apart):.1%}，"
            f"每步平均梯度 {drift(together):.1%}"
        )
