"""损失函数的两个参数写反，会怎样？"""

import keras
import numpy as np
import tensorflow as tf

losses = keras.losses


def both_orders(loss_fn, y_true, y_pred) -> tuple[float, float]:
    """(正确顺序, 写反) 的损失。Keras 的顺序是 loss_fn(y_true, y_pred)。"""
    return float(loss_fn(y_true, y_pred)), float(loss_fn(y_pred, y_true))


def train_classifier(x, y, steps: int, swapped: bool) -> tuple[float, float]:
    """全批量梯度下降训练逻辑回归，返回（最后的损失，准确率）。swapped 为真时照原博客的顺序。"""
    loss_fn = losses.BinaryCrossentropy(from_logits=True)
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])
    optimizer = keras.optimizers.SGD(1.0)
    model.build(x.shape)
    for _ in range(steps):
        with tf.GradientTape() as tape:
            logits = model(x)
            loss = loss_fn(logits, y) if swapped else loss_fn(y, logits)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    correct = (model(x).numpy() > 0) == (y > 0.5)
    return float(loss), float(correct.mean())


if __name__ == "__main__":
    y_true, y_pred = np.array([[0.7, 0.3]]), np.array([[0.5, 0.5]])
    print("损失    正确顺序  写反")
    for name, loss_fn in (("MSE", losses.MeanSquaredError()), ("KLD", losses.KLDivergence())):
        right, wrong = both_orders(loss_fn, y_true, y_pred)
        print(f"{name}  {right:10.4f}  {wrong:.4f}")

    try:
        both_orders(losses.SparseCategoricalCrossentropy(), np.array([0]), y_true)
    except ValueError:
        print("SparseCategoricalCrossentropy 写反：ValueError")

    x = np.linspace(-2, 2, 100, dtype="float32")[:, None]
    y = (x > 0.5).astype("float32")
    for label, swapped in (("正确顺序", False), ("写反", True)):
        loss, accuracy = train_classifier(x, y, steps=50, swapped=swapped)
        print(f"二元交叉熵（logits），50 步，{label}：损失 {loss:.1f}，准确率 {accuracy:.0%}")
