"""剪掉八成权重，模型变小了吗，还准吗？"""

import lzma

import keras
import numpy as np

from training.energy.digit_images import digits
from training.energy.digit_network import accuracy, initial, train
from training.energy.pruning_schedule import largest


def keras_model(weights, dtype: str = "float64") -> keras.Model:
    """同一个网络的 Keras 版，权重照搬。默认用双精度，换一台机器，准确率也不变。"""
    model = keras.Sequential([keras.Input((64,), dtype=dtype)])
    for bias, activation in zip(weights[1::2], ("relu", "relu", None)):
        model.add(keras.layers.Dense(len(bias), activation, dtype=dtype))
    model.set_weights(weights)
    return model


def prune(model: keras.Model, fraction: float) -> list[tuple[keras.Variable, np.ndarray]]:
    """逐层把绝对值最小的 fraction 置零，返回（权重，掩码）。偏置不剪。"""
    kernels = [layer.kernel for layer in model.layers]
    masks = [(kernel, largest(kernel.numpy(), fraction)) for kernel in kernels]
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


def report(stage: str, weights, test) -> None:
    raw = b"".join(part.astype("float32").tobytes() for part in weights)  # 按单精度存
    packed = len(lzma.compress(raw)) / len(raw)
    print(
        f"{stage}：准确率 {accuracy(weights, *test):.0%}，权重 {len(raw):,} 字节，压缩后是原大小的 {packed:.0%}"
    )


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    (x, y), test = digits()
    model = keras_model(train(initial(128), x, np.eye(10)[y], epochs=8))
    report("训练后", model.get_weights(), test)
    masks = prune(model, 0.8)
    report("剪掉八成", model.get_weights(), test)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)  # 模型小，编译反而慢
    model.fit(x, y, batch_size=50, epochs=3, verbose=0, callbacks=[keep_zeros(masks)])
    report("微调后", model.get_weights(), test)
