"""Adam 的 v 是方差吗？梯度恒定时方差为零，步长却不变。"""

import numpy as np
import tensorflow as tf


def adam_steps(gradients, learning_rate: float, bias_correction: bool = True) -> list[float]:
    """逐步返回参数的减少量。公式：Kingma、Ba（2015），算法 1。"""
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7  # Keras 的默认值
    m = v = 0.0
    steps = []
    for t, g in enumerate(gradients, 1):
        m = beta_1 * m + (1 - beta_1) * g  # 一阶矩：梯度的指数滑动平均
        v = beta_2 * v + (1 - beta_2) * g**2  # 二阶矩：没有减去均值，所以不是方差
        m_hat, v_hat = m, v
        if bias_correction:  # 从零开始的平均偏小，除回来
            m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
        steps.append(learning_rate * m_hat / (np.sqrt(v_hat) + epsilon))
    return steps


def keras_steps(optimizer: tf.keras.optimizers.Optimizer, gradients) -> list[float]:
    """把同一串梯度交给 Keras 的优化器，逐步返回参数的减少量。"""
    weight = tf.Variable(0.0)
    steps = []
    for g in gradients:
        before = float(weight)
        optimizer.apply_gradients([(tf.constant(float(g)), weight)])
        steps.append(before - float(weight))
    return steps


if __name__ == "__main__":
    learning_rate, gradients = 0.1, [3.0] * 100
    keras_adam = keras_steps(tf.keras.optimizers.Adam(learning_rate), gradients)
    formula = adam_steps(gradients, learning_rate)
    uncorrected = adam_steps(gradients, learning_rate, bias_correction=False)
    print(f"梯度恒为 {gradients[0]}，方差 {np.var(gradients)}，学习率 {learning_rate}")
    for t in 1, 10, 100:
        print(
            f"第 {t} 步：Keras {keras_adam[t - 1]:.4f}，公式 {formula[t - 1]:.4f}，"
            f"不做偏差修正 {uncorrected[t - 1]:.4f}"
        )
    by_variance = learning_rate * gradients[0] / (np.sqrt(np.var(gradients)) + 1e-7)
    print(f"假如除以的是方差的平方根，步长会是 {by_variance:,.0f}")
