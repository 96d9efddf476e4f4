"""同样的稀疏度、同样的微调步数，一次剪到位，还是边训边剪？"""

import keras

from business.inference.limits import share
from training.energy.patience import digits
from training.energy.pruning import prune
from training.energy.quantization import accuracy

batch = 50


def network(width: int, dtype: str = "float64", dense=keras.layers.Dense) -> keras.Model:
    """两个隐藏层。默认用双精度，换一台机器，准确率也不变。"""
    layers = [dense(width, "relu", dtype=dtype) for _ in range(2)]
    model = keras.Sequential([keras.Input((64,), dtype=dtype), *layers, dense(10, dtype=dtype)])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    return model


def cubic(progress: float, final: float) -> float:
    """进度（0 到 1）对应的稀疏度，先剪得快，后剪得慢（Zhu 与 Gupta，式 1，从零开始剪）。"""
    share(progress=progress, final=final)
    return final * (1 - (1 - progress) ** 3)


def fine_tune(model: keras.Model, x, y, epochs: int, sparsity) -> None:
    """每五次更新按 sparsity(进度) 剪一次，其间把剪过的重新归零；零总是最小的，下次还会被剪。"""
    steps, masks = epochs * len(x) // batch, []
    done = iter(range(1, steps + 1))

    def after_update(batch, logs):
        step = next(done)
        for kernel, mask in masks:
            kernel.assign(kernel * mask)
        if step % 5 == 0:
            masks[:] = prune(model, sparsity(step / steps))

    repeat = keras.callbacks.LambdaCallback(on_train_batch_end=after_update)
    model.fit(x, y, batch_size=batch, epochs=epochs, verbose=0, callbacks=[repeat])


if __name__ == "__main__":
    train, test = digits()
    keras.utils.set_random_seed(0)
    model = network(64)
    model.fit(*train, batch_size=batch, epochs=8, verbose=0)
    dense = model.get_weights()
    print(f"剪之前：准确率 {accuracy(model, *test):.0%}")

    def gradual(progress):
        return cubic(min(1, progress / 0.7), 0.95)  # 最后三成步数不再剪

    for name, sparsity in (("一次剪到位", lambda _: 0.95), ("按三次曲线", gradual)):
        pruned = network(64)
        pruned.set_weights(dense)
        keras.utils.set_random_seed(0)
        fine_tune(pruned, *train, 8, sparsity)
        print(f"{name}，剪掉 95%，微调 8 轮：准确率 {accuracy(pruned, *test):.0%}")
