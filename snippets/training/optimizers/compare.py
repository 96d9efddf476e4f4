"""常见词和罕见词相差悬殊时，SGD、Adam、AdaGrad 在同样的预算下谁学得好？"""

import numpy as np
import tensorflow as tf


def corpus(rows: int, words: int, noise: float, seed: int):
    """线性回归：第 j 个词以 0.5/j 的概率出现（Zipf），返回（x，y，真实权重）。"""
    rng = np.random.default_rng(seed)
    x = (rng.random((rows, words)) < 0.5 / np.arange(1, words + 1)).astype("float32")
    weights = rng.normal(size=words)
    return x, (x @ weights + noise * rng.normal(size=rows)).astype("float32"), weights


def train_once(optimizer: tf.keras.optimizers.Optimizer, x, y, batch_size: int) -> np.ndarray:
    """把数据过一遍，返回学到的权重。样本独立同分布，只过一遍，不必打乱。"""
    w = tf.Variable(tf.zeros(x.shape[1]))

    @tf.function(autograph=False)  # 没有 Python 分支，不必改写源码
    def update(inputs, targets):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((targets - tf.linalg.matvec(inputs, w)) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])

    optimizer.build([w])
    for start in range(0, len(x), batch_size):
        update(x[start : start + batch_size], y[start : start + batch_size])
    return w.numpy()


def tune(make_optimizer, x, y, batch_size: int, rates) -> tuple[float, float, np.ndarray]:
    """每个学习率都试一遍，返回（最好的学习率，它的损失，它的权重）；发散的不算。"""
    tried = {rate: train_once(make_optimizer(rate), x, y, batch_size) for rate in rates}
    losses = {rate: float(np.mean((x @ w - y) ** 2)) for rate, w in tried.items()}
    best = min(losses, key=lambda rate: np.nan_to_num(losses[rate], nan=np.inf))
    return best, losses[best], tried[best]


if __name__ == "__main__":
    rows, words, noise = 4096, 200, 0.1
    x, y, weights = corpus(rows, words, noise, seed=0)
    print(f"条件数 {np.linalg.cond(x.T @ x):.0f}，噪声决定的损失下限 {noise**2:.2f}")
    for name in "SGD", "Adam", "Adagrad":
        best, loss, w = tune(
            getattr(tf.keras.optimizers, name), x, y, 32, rates=(0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
        )
        rare = np.mean((w - weights)[words // 2 :] ** 2)
        print(f"{name}：最好的学习率 {best}，损失 {loss:.3f}，罕见一半词的权重误差 {rare:.3f}")
