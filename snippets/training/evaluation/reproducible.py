"""同样的种子，两次训练能不能一个比特都不差？什么会破坏它？"""

import keras
import numpy as np
import tensorflow as tf


def train(seed: int, data_seed: int = 0, seed_after_model: bool = False) -> np.ndarray:
    """训练二十步，返回逐步的损失，最后接上全部权重，float32。"""
    if not seed_after_model:
        keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [keras.Input((8,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)]
    )
    if seed_after_model:
        keras.utils.set_random_seed(seed)
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = np.random.default_rng(0).normal(size=(160, 8)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((x, x[:, :1])).shuffle(160, seed=data_seed)
    losses = [np.float32(model.train_on_batch(*batch)) for batch in data.batch(8)]
    return np.concatenate([losses, *(weight.ravel() for weight in model.get_weights())])


def same_bits(a: np.ndarray, b: np.ndarray) -> bool:
    """逐位比较，不留容差。"""
    return a.dtype == b.dtype and a.tobytes() == b.tobytes()


def sum_in_parts(values: np.ndarray, parts: int) -> np.float32:
    """分成 parts 份，各自从左加到右，再把各份的和加起来：多线程求和就是这样分工的。"""
    totals = [np.cumsum(part, dtype=np.float32)[-1] for part in np.split(values, parts)]
    return np.cumsum(totals, dtype=np.float32)[-1]


if __name__ == "__main__":
    first = train(seed=0)
    for name, again in (
        ("同样的种子", train(seed=0)),
        ("换一个种子", train(seed=1)),
        ("种子相同，数据换了顺序", train(seed=0, data_seed=1)),
        ("先建模型，后设种子", train(seed=0, seed_after_model=True)),
    ):
        print(f"{name}：{'逐位相同' if same_bits(first, again) else '不同'}")
    values = np.random.default_rng(0).random(100_000).astype(np.float32)
    for parts in (1, 2, 4, 8):
        print(f"同一组数，分 {parts} 份求和：{sum_in_parts(values, parts):.3f}")
    print(f"双精度：{values.sum(dtype=np.float64):.3f}")
