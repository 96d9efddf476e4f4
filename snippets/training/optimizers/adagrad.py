"""AdaGrad 累加的是梯度平方的和还是平均？梯度恒定时看得出来，先陡后缓时吃亏。"""

import tensorflow as tf

from training.optimizers.matches_keras import keras_steps
from training.optimizers.rules import adagrad, rmsprop
from training.optimizers.step_size import steps

if __name__ == "__main__":
    o, learning_rate = tf.keras.optimizers, 0.1
    gradients = [1.0] * 100
    formula = steps(adagrad, gradients, learning_rate)
    sums = keras_steps(o.Adagrad(learning_rate), gradients)
    averages = keras_steps(o.RMSprop(learning_rate), gradients)
    print(f"梯度恒为 {gradients[0]}，学习率 {learning_rate}")
    for t in 1, 10, 100:
        print(
            f"第 {t} 步：Keras Adagrad {sums[t - 1]:.4f}，公式 {formula[t - 1]:.4f}；"
            f"Keras RMSprop {averages[t - 1]:.4f}"
        )
    steep = [100.0] * 10 + [1.0] * 200  # 开头一段陡坡，之后是缓坡
    sums, averages = (steps(rule, steep, learning_rate) for rule in (adagrad, rmsprop))
    print(f"前 10 步梯度是 {steep[0]}，之后是 {steep[-1]}，缓坡上再走 200 步：")
    print(f"AdaGrad 共前进 {sums[10:].sum():.2f}，最后一步 {sums[-1]:.4f}")
    print(f"RMSProp 共前进 {averages[10:].sum():.1f}，最后一步 {averages[-1]:.4f}")
    for name in "AdaGrad", "Adagrad":
        print(f"tf.optimizers.{name} {'存在' if hasattr(tf.optimizers, name) else '不存在'}")
