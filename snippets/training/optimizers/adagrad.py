"""AdaGrad 累加的是梯度平方的和还是平均？看恒定梯度下的步长。"""

import numpy as np
import tensorflow as tf

from training.optimizers.adam import keras_steps


def adagrad_steps(gradients, learning_rate, initial=0.1, epsilon=1e-7) -> np.ndarray:
    """逐步返回参数的减少量。和只增不减，步长只会变小。公式：Duchi 等（2011），对角形式。

    initial 是和的初值，Keras 的默认值是 0.1。
    """
    gradients = np.asarray(gradients, dtype=float)
    return learning_rate * gradients / np.sqrt(initial + np.cumsum(gradients**2) + epsilon)


def rmsprop_steps(gradients, learning_rate, rho=0.9, epsilon=1e-7) -> np.ndarray:
    """把和换成指数滑动平均，就是 RMSProp。"""
    v, steps = 0.0, []
    for g in gradients:
        v = rho * v + (1 - rho) * g**2
        steps.append(learning_rate * g / np.sqrt(v + epsilon))
    return np.array(steps)


if __name__ == "__main__":
    learning_rate, gradients = 0.1, [1.0] * 100
    adagrad = keras_steps(tf.keras.optimizers.Adagrad(learning_rate), gradients)
    rmsprop = keras_steps(tf.keras.optimizers.RMSprop(learning_rate), gradients)
    formula = adagrad_steps(gradients, learning_rate)
    print(f"梯度恒为 {gradients[0]}，学习率 {learning_rate}")
    for t in 1, 10, 100:
        print(
            f"第 {t} 步：Keras Adagrad {adagrad[t - 1]:.4f}，公式 {formula[t - 1]:.4f}；"
            f"Keras RMSprop {rmsprop[t - 1]:.4f}"
        )
    for name in "AdaGrad", "Adagrad":
        print(f"tf.optimizers.{name} {'存在' if hasattr(tf.optimizers, name) else '不存在'}")
