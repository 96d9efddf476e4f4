"""Keras 的每个优化器，走的是不是公式里的那一步？"""

import numpy as np
import tensorflow as tf

from training.optimizers.rules import descend, optimizers


def keras_path(optimizer, gradients, start=0.0, dtype="float32") -> np.ndarray:
    """把一串梯度交给 Keras 的优化器，返回参数经过的全部位置。"""
    weight = tf.Variable(start, dtype=dtype)
    optimizer.build([weight])

    @tf.function(autograph=False)  # 建成图，几百步也只要一瞬
    def update(g):
        optimizer.apply_gradients([(g, weight)])

    path = [weight.numpy()]
    for g in gradients:
        update(tf.constant(g, dtype))
        path.append(weight.numpy())
    return np.array(path)


def keras_steps(optimizer, gradients) -> np.ndarray:
    """参数逐步的减少量。"""
    return -np.diff(keras_path(optimizer, gradients))


def keras_optimizer(name: str, rate: float):
    """与 rules.optimizers 同名的 Keras 优化器，设置也相同。"""
    o = tf.keras.optimizers
    return {
        "SGD": lambda: o.SGD(rate),
        "动量": lambda: o.SGD(rate, momentum=0.9),
        "AdaGrad": lambda: o.Adagrad(rate),
        "RMSProp": lambda: o.RMSprop(rate),
        "Adam": lambda: o.Adam(rate),
        "AdamW": lambda: o.AdamW(rate, weight_decay=0.01),
    }[name]()


def largest_gap(name: str, gradients, rate: float) -> float:
    """同一串梯度，Keras（单精度）与公式的位置最多差多少，相对于走过的最远位置。"""
    direction, options = optimizers[name]
    rates = [rate] * len(gradients)
    formula = descend(direction, lambda w, t: gradients[t - 1], 1.0, rates, **options)
    keras = keras_path(keras_optimizer(name, rate), gradients, 1.0)
    return float(np.max(np.abs(keras - formula)) / np.max(np.abs(formula)))


if __name__ == "__main__":
    gradients, rate = np.random.default_rng(0).normal(0.5, 2, size=100), 0.125
    print(f"{len(gradients)} 个随机梯度，学习率 {rate}，参数从 1 出发")
    for name in optimizers:
        gap = largest_gap(name, gradients, rate)
        print(f"{name}：Keras 与公式的位置{'相差不到 1e-5' if gap < 1e-5 else f'相差 {gap}'}")
