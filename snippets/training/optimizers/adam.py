"""Adam 的 v 是方差吗？梯度恒定时方差为零，步长却不变。"""

from functools import partial

import numpy as np
import tensorflow as tf

from training.optimizers.matches_keras import keras_steps
from training.optimizers.rules import adam
from training.optimizers.step_size import steps

if __name__ == "__main__":
    learning_rate, gradients = 0.1, [3.0] * 100
    keras_adam = keras_steps(tf.keras.optimizers.Adam(learning_rate), gradients)
    formula = steps(adam, gradients, learning_rate)
    uncorrected = steps(partial(adam, correct=False), gradients, learning_rate)
    print(f"梯度恒为 {gradients[0]}，方差 {np.var(gradients)}，学习率 {learning_rate}")
    for t in 1, 10, 100:
        print(
            f"第 {t} 步：Keras {keras_adam[t - 1]:.4f}，公式 {formula[t - 1]:.4f}，"
            f"不做偏差修正 {uncorrected[t - 1]:.4f}"
        )
    by_variance = learning_rate * gradients[0] / (np.sqrt(np.var(gradients)) + 1e-7)
    print(f"假如除以的是方差的平方根，步长会是 {by_variance:,.0f}")
