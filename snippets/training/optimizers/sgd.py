"""一轮随机梯度下降做了什么？批大小取一个、一小批、全部，差在哪里？"""

import numpy as np
import tensorflow as tf


def samples(rows: int, features: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """二分类数据：标签以 sigmoid(x·w) 的概率取 1。"""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, features))
    chance = 1 / (1 + np.exp(-x @ rng.normal(size=features)))
    return x.astype("float32"), (rng.random(rows) < chance).astype("float32")[:, None]


def batches(x, y, batch_size: int, seed: int) -> tf.data.Dataset:
    """每遍历一次就是一轮：先整体打乱，再依次取走，每个样本恰好一次（无放回），下一轮重新打乱。

    batch_size 小于一或大于样本数时抛出 ValueError。
    """
    if not 1 <= batch_size <= len(x):
        raise ValueError(f"batch_size 必须在 1 和样本数 {len(x)} 之间，收到 {batch_size}")
    return tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x), seed=seed).batch(batch_size)


def train(x, y, batch_size: int, epochs: int, learning_rate: float) -> tuple[int, float]:
    """返回（更新次数，训练后全体样本上的平均损失）。"""
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="zeros")])
    model.build(x.shape)
    optimizer = tf.keras.optimizers.SGD(learning_rate)
    loss_fn = tf.keras.losses.BinaryCrossentropy(from_logits=True)

    @tf.function(autograph=False)  # 没有 Python 分支，不必改写源码
    def update(inputs, targets):
        with tf.GradientTape() as tape:
            loss = loss_fn(targets, model(inputs))  # 先标签，后预测
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))

    dataset = batches(x, y, batch_size, seed=0)
    for _ in range(epochs):
        for inputs, targets in dataset:
            update(inputs, targets)
    return int(optimizer.iterations), float(loss_fn(y, model(x)))


if __name__ == "__main__":
    rows, epochs, before = 512, 3, np.log(2)
    x, y = samples(rows, features=8, seed=0)
    print(f"{rows} 个样本，{epochs} 轮，训练前的损失 {before:.2f}")
    for name, batch_size in ("SGD", 1), ("小批量 SGD", 32), ("全批量", rows):
        updates, small = train(x, y, batch_size, epochs, learning_rate=0.03)
        _, large = train(x, y, batch_size, epochs, learning_rate=3.0)
        shown = f"损失 {large:.2f}" if large < before else "损失高于训练前"
        print(
            f"{name}：每批 {batch_size} 个，更新 {updates} 次；"
            f"学习率 0.03 时损失 {small:.2f}，3.0 时{shown}"
        )
    print(f"若改为有放回抽样，一轮下来约 {(1 - 1 / rows) ** rows:.1%} 的样本没被抽到")
