"""剪掉八成权重，模型变小了吗，还准吗？"""

import lzma

import keras
import numpy as np


def clusters(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """16 维空间里的 30 团点，分属 10 类，每类 3 团。"""
    centers = np.random.default_rng(42).normal(size=(30, 16))
    rng = np.random.default_rng(seed)
    which = rng.integers(0, 30, size=samples)
    return (centers[which] + 0.65 * rng.normal(size=(samples, 16))).astype("float32"), which % 10


def prune(model: keras.Model, fraction: float) -> list[tuple[keras.Variable, np.ndarray]]:
    """逐层把绝对值最小的 fraction 置零，返回（权重，掩码）。偏置不剪。

    fraction 不在 [0, 1) 内时抛出 ValueError：等于 1 就是清空模型。
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction 必须在 [0, 1) 内，收到 {fraction}")
    kernels = [layer.kernel for layer in model.layers]
    sizes = [np.abs(kernel.numpy()) for kernel in kernels]
    masks = [(k, size >= np.quantile(size, fraction)) for k, size in zip(kernels, sizes)]
    for kernel, mask in masks:
        kernel.assign(kernel * mask)
    return masks


def keep_zeros(masks) -> keras.callbacks.Callback:
    """微调时每更新一次就重新盖上掩码，否则剪掉的权重会长回来。"""
    return keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: [
            kernel.assign(kernel * mask) for kernel, mask in masks
        ]
    )


def report(stage: str, model: keras.Model) -> None:
    accuracy = model.evaluate(*clusters(5000, seed=1), verbose=0)[1]
    raw = b"".join(weight.numpy().tobytes() for weight in model.weights)
    packed = len(lzma.compress(raw)) / len(raw)
    print(f"{stage}：准确率 {accuracy:.0%}，权重 {len(raw):,} 字节，压缩后是原大小的 {packed:.0%}")


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.layers.Dense(256, "relu") for _ in range(2)])
    model.add(keras.layers.Dense(10))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    x, y = clusters(5000, seed=0)
    model.fit(x, y, batch_size=125, epochs=3, verbose=0)
    report("训练后", model)
    masks = prune(model, 0.8)
    report("剪掉八成", model)
    model.fit(x, y, batch_size=125, epochs=3, verbose=0, callbacks=[keep_zeros(masks)])
    report("微调后", model)
