"""验证损失不再降就停：停在哪一轮，手里拿到的又是哪一轮的权重？"""

import keras
import numpy as np

from training.evaluation.loss_curve import network, noisy_line


def stopper(patience: int, restore: bool = True) -> keras.callbacks.EarlyStopping:
    """连续 patience 轮没有新低就停；restore 为真时取回最好一轮的权重，Keras 的默认是不取回。"""
    return keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=patience, restore_best_weights=restore
    )


def compiled_network() -> keras.Model:
    keras.utils.set_random_seed(0)
    model = network()
    model.build((None, 20))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    return model


def train(model, epochs: int, callbacks: list) -> list[float]:
    """60 个样本，分两批，不打乱；返回逐轮的验证损失。"""
    history = model.fit(
        *noisy_line(60, seed=0),
        batch_size=30,
        shuffle=False,
        epochs=epochs,
        validation_data=noisy_line(1000, seed=1),
        validation_batch_size=1000,
        callbacks=callbacks,
        verbose=0,
    )
    return history.history["val_loss"]


def error(model, data) -> float:
    """模型在一份数据上的均方误差。"""
    x, y = data
    return float(np.mean((model(x).numpy() - y) ** 2))


if __name__ == "__main__":
    validation, test = noisy_line(1000, seed=1), noisy_line(20_000, seed=2)  # 测试集不参与选轮次
    model = compiled_network()
    start = model.get_weights()
    train(model, 24, [])
    print(f"跑满 24 轮：验证 {error(model, validation):.3f}，测试 {error(model, test):.3f}")
    model.set_weights(start)  # 回到同样的起点：SGD 没有状态，数据也不打乱
    stopped = train(model, 24, [stopper(patience=5)])
    best = int(np.argmin(stopped)) + 1
    print(f"耐心 5 轮：最低在第 {best} 轮，停在第 {len(stopped)} 轮，省下 {24 - len(stopped)} 轮")
    print(f"停下那一轮：验证 {stopped[-1]:.3f}")
    print(
        f"取回第 {best} 轮的权重：验证 {error(model, validation):.3f}，测试 {error(model, test):.3f}"
    )
