"""归一化能治类别不均衡吗？样本权重改变了什么，付出了什么？"""

import numpy as np


def sample(majority: int, minority: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """两个正态类，两个特征的量纲相差一千倍。返回 (特征, 标签)，少数类的标签是 1。"""
    rng = np.random.default_rng(seed)
    labels = np.repeat([0.0, 1.0], [majority, minority])
    features = rng.normal(size=(len(labels), 2)) + 1.3 * labels[:, None]
    return features * [1.0, 1000.0], labels


def fit(features: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """加权逻辑回归的系数（截距在前）。损失是凸的，牛顿法直接到唯一的最优点。"""
    design = np.column_stack([np.ones(len(labels)), features])
    beta = np.zeros(design.shape[1])
    for _ in range(30):
        probability = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weights * (labels - probability))
        curvature = weights * probability * (1 - probability)
        beta += np.linalg.solve((design.T * curvature) @ design, gradient)
    return beta


def predict(beta: np.ndarray, features: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(beta[0] + features @ beta[1:])))


def report(name: str, probability: np.ndarray, labels: np.ndarray, threshold: float) -> None:
    chosen, rare = probability > threshold, labels == 1
    print(
        f"{name}：少数类召回 {chosen[rare].mean():.0%}，多数类 {1 - chosen[~rare].mean():.0%}，"
        f"精确率 {rare[chosen].mean():.0%}，平均概率 {probability.mean():.0%}"
    )


if __name__ == "__main__":
    (train, labels), (test, truth) = sample(3_800, 200, seed=0), sample(38_000, 2_000, seed=1)
    mean, std = train.mean(axis=0), train.std(axis=0)
    once, ratio = np.ones(len(labels)), round((labels == 0).sum() / (labels == 1).sum())
    raw = predict(fit(train, labels, once), test)
    scaled = predict(fit((train - mean) / std, labels, once), (test - mean) / std)
    weighted = predict(fit(train, labels, np.where(labels == 1, ratio, 1)), test)

    print(f"训练集 {len(labels):,} 个样本，多数类与少数类之比 {ratio}:1，归一化不增不减一个样本")
    print(
        f"归一化前后，判断不同的测试样本：{((raw > 0.5) != (scaled > 0.5)).sum()} / {len(truth):,}"
    )
    report("原样", raw, truth, 0.5)
    report("归一化", scaled, truth, 0.5)
    report(f"少数类权重 {ratio}", weighted, truth, 0.5)
    report(f"不加权，阈值降到 1/{ratio + 1}", raw, truth, 1 / (ratio + 1))
