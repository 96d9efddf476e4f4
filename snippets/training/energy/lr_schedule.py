"""学习率衰减怎样才算真的用上了？"""

import keras
import numpy as np

steps_per_epoch = 25


def inverse_time(initial: float, decay: float, epoch: int) -> float:
    """原博客的公式：initial / (1 + decay × epoch)。"""
    return initial / (1 + decay * epoch)


def schedule(initial: float, decay: float) -> keras.optimizers.schedules.InverseTimeDecay:
    """同一个公式，交给优化器按步数取值；staircase 让它每轮才变一次。"""
    return keras.optimizers.schedules.InverseTimeDecay(
        initial, decay_steps=steps_per_epoch, decay_rate=decay, staircase=True
    )


def train(optimizer, epochs: int, unused_decay: float | None = None):
    """带噪声的线性回归。返回（每轮开始时优化器的学习率，最后的权重）。

    给出 unused_decay 时照原博客的写法：算出新的学习率，但不交给优化器。
    """
    rng = np.random.default_rng(0)
    x = rng.normal(size=(steps_per_epoch, 4, 8))
    y = x.sum(axis=-1, keepdims=True) + rng.normal(size=(steps_per_epoch, 4, 1))
    w, rates = keras.Variable(np.zeros((8, 1)), dtype="float64"), []
    for epoch in range(epochs):
        rates.append(float(optimizer.learning_rate))
        if unused_decay is not None:
            current_learning_rate = inverse_time(0.1, unused_decay, epoch)  # noqa: F841
        for inputs, targets in zip(x, y):
            gradient = 2 * inputs.T @ (inputs @ w.numpy() - targets) / len(targets)
            optimizer.apply_gradients([(keras.ops.convert_to_tensor(gradient), w)])
    return rates, w.numpy()


if __name__ == "__main__":
    _, constant = train(keras.optimizers.SGD(0.1), epochs=5)
    _, blog = train(keras.optimizers.SGD(0.1), epochs=5, unused_decay=0.5)
    rates, decayed = train(keras.optimizers.SGD(schedule(0.1, 0.5)), epochs=5)
    for epoch, rate in enumerate(rates):
        print(f"第 {epoch} 轮：公式 {inverse_time(0.1, 0.5, epoch):.4f}，优化器 {rate:.4f}")
    print(f"原博客的写法与不衰减，权重逐位相同：{np.array_equal(blog, constant)}")
    print(f"交给优化器以后，权重仍与不衰减相同：{np.array_equal(decayed, constant)}")
    for name, weights in (("不衰减", constant), ("衰减", decayed)):
        print(f"{name}：与真值的均方根距离 {np.sqrt(np.mean((weights - 1) ** 2)):.2f}")
