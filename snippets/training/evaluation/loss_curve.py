"""怎样用一条损失曲线看出过拟合？最后一批的损失为什么不算数？"""

import keras
import numpy as np
import tensorflow as tf


def noisy_line(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x 有 20 维，y 只依赖其中一维，另加方差 0.25 的噪声：没有模型能在新数据上把期望均方误差压到它以下。"""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, 20))
    return x, x[:, :1] + 0.5 * rng.normal(size=(samples, 1))


def network() -> keras.Sequential:
    """一个隐藏层，双精度：换一台机器，舍入误差也到不了打印的位数。"""
    hidden = keras.layers.Dense(64, "relu", dtype="float64")
    return keras.Sequential([hidden, keras.layers.Dense(1, dtype="float64")])


def fit(model, optimizer, train: tf.data.Dataset, validation, epochs: int) -> list[dict]:
    """逐轮返回最后一批、整轮平均和验证集的均方误差。epochs 不是正数、没有样本时抛出 ValueError。"""
    if epochs < 1:
        raise ValueError(f"epochs 必须是正整数，收到 {epochs}")
    loss_fn, history = keras.losses.MeanSquaredError(), []

    @tf.function(autograph=False, reduce_retracing=True)  # 建成图：每批少付几毫秒的 Python
    def update(x, y):
        with tf.GradientTape() as tape:
            loss = loss_fn(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    for _ in range(epochs):
        batches = [(float(update(x, y)), len(x)) for x, y in train]
        if not batches:
            raise ValueError("train 没有样本")
        losses, sizes = zip(*batches)  # 最后一批可能不满，所以平均要按样本数加权
        mean = float(np.average(losses, weights=sizes))
        held_out = float(loss_fn(validation[1], model(validation[0], training=False)))
        history.append({"last": losses[-1], "mean": mean, "validation": held_out})
    return history


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    data = tf.data.Dataset.from_tensor_slices(noisy_line(100, seed=0)).shuffle(100, seed=0)
    sgd, held_out = keras.optimizers.SGD(0.05), noisy_line(1000, seed=1)
    history = fit(network(), sgd, data.batch(32), held_out, epochs=40)
    best = min(range(len(history)), key=lambda i: history[i]["validation"])
    print(f"100 个样本，每批 32 个，最后一批只有 {100 % 32} 个；噪声的方差 {0.5**2}")
    print("轮次  最后一批  整轮平均  验证集")
    for i in sorted({0, 1, 2, 9, best, 19, 39}):
        row = history[i]
        print(f"{i + 1:>4}  {row['last']:8.2f}  {row['mean']:8.2f}  {row['validation']:6.2f}")
    print(f"验证损失在第 {best + 1} 轮最低，之后训练损失继续降，验证损失回升")
    gap = max(abs(row["last"] / row["mean"] - 1) for row in history)
    print(f"最后一批与整轮平均最多相差 {gap:.0%}")
