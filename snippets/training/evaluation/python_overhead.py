"""逐个算子地执行，Python 花掉多少时间？建图以后呢？（≈ 行因机器而异）"""

import keras
import numpy as np

from training.evaluation.throughput import time_steps


def narrow_model(eager: bool) -> keras.Model:
    """八个很窄的层：算得少，调用得多。eager 为真时每个算子都从 Python 发出。"""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dense(32, "tanh") for _ in range(8)]
    model = keras.Sequential([keras.Input((32,)), *layers])
    model.compile(keras.optimizers.SGD(0.01), "mse", run_eagerly=eager)
    return model


def step_seconds(eager: bool, batch: int, steps: int = 9) -> tuple[float, np.ndarray]:
    """(最快一步的时间, 训练 steps 步之后头一个样本的输出)；首步要建图，不计。

    只比快慢，取最快一步：别的进程只会让它变慢。
    """
    x = np.random.default_rng(0).normal(size=(batch, 32)).astype("float32")
    model = narrow_model(eager)
    seconds = time_steps(model.train_on_batch, (x, x), steps)
    return min(seconds[1:]), model(x[:1]).numpy()


if __name__ == "__main__":
    ratios = []
    for batch in (16, 8_192):
        (eager_s, eager_out), (graph_s, graph_out) = (
            step_seconds(eager, batch) for eager in (True, False)
        )
        ratios.append(eager_s / graph_s)
        gap = np.abs(eager_out - graph_out).max()
        print(f"≈ 每批 {batch:,} 条：逐个执行 {eager_s * 1e3:.1f} ms，建图 {graph_s * 1e3:.1f} ms")
        print(f"每批 {batch:,} 条：建图更快：{ratios[-1] > 1}；输出相差不到 1e-5：{gap < 1e-5}")
    print(f"批越大，建图省下的比例越小：{ratios[0] > ratios[1]}")
