"""同一段训练代码，怎样在有 TPU 时用 TPU，有 GPU 时用 GPU，都没有就用 CPU？"""

import os
from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


def find_devices(environ: Mapping[str, str], dev: Path) -> dict[str, int]:
    """各类设备有几个。TPU 只看环境变量和设备文件，不连网：一个不通的地址会让解析器等上几分钟。"""
    files = len(list(dev.glob("accel[0-9]*")))  # Cloud TPU 虚拟机上的设备文件
    return {
        "TPU": max(files, int("TPU_NAME" in environ)),
        "GPU": len(tf.config.list_physical_devices("GPU")),
        "CPU": len(tf.config.list_physical_devices("CPU")),
    }


def choose_strategy(devices: dict[str, int]) -> tf.distribute.Strategy:
    """TPU 优先，其次 GPU（一台机器上的全部），最后 CPU。"""
    if devices["TPU"]:
        name = os.environ.get("TPU_NAME", "local")
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name)
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
        return tf.distribute.TPUStrategy(resolver)  # 原博客漏了 resolver
    if devices["GPU"]:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def train(strategy: tf.distribute.Strategy) -> float:
    """在 y = 2x 上训练一步，返回权重。各种设备都走这一段代码。"""
    x = np.array([[1.0], [2.0], [3.0], [4.0]], dtype="float32")
    with strategy.scope():  # 变量要建在策略的范围里，训练循环交给 fit
        model = keras.Sequential(
            [keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")]
        )
        model.compile(keras.optimizers.SGD(0.01), "mse")
    model.fit(x, 2 * x, batch_size=4, epochs=1, verbose=0)
    return float(model.get_weights()[0][0, 0])


if __name__ == "__main__":
    devices = find_devices(os.environ, Path("/dev"))
    strategy = choose_strategy(devices)
    found = "，".join(f"{kind} {count} 个" for kind, count in devices.items())
    print(f"≈ 找到 {found}，用 {strategy.num_replicas_in_sync} 个副本训练")
    print(f"训练一步后的权重：{train(strategy):.2f}")
