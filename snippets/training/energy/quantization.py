"""把权重从 32 位浮点量化成 8 位、4 位整数，小多少，还准吗？"""

import keras

from training.energy.pruning import clusters


def train(epochs: int) -> keras.Model:
    model = keras.Sequential([keras.layers.Dense(256, "relu") for _ in range(2)])
    model.add(keras.layers.Dense(10))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss)
    model.fit(*clusters(5000, seed=0), batch_size=125, epochs=epochs, verbose=0)
    return model


def weight_bytes(model: keras.Model) -> int:
    """只数权重。直接比较保存的文件会上当：编译过的模型连优化器的状态一起存。"""
    return sum(weight.numpy().nbytes for weight in model.weights)


def accuracy(model: keras.Model, x, y) -> float:
    return float((model(x).numpy().argmax(axis=1) == y).mean())


if __name__ == "__main__":
    keras.utils.set_random_seed(0)
    trained = train(epochs=3)
    before = weight_bytes(trained)
    for mode in (None, "int8", "int4"):
        model = keras.models.clone_model(trained)
        model.set_weights(trained.get_weights())
        if mode:
            model.quantize(mode)
        size, share = weight_bytes(model), accuracy(model, *clusters(5000, seed=1))
        name = mode or "float32"
        print(f"{name}：准确率 {share:.0%}，权重 {size:,} 字节，是原来的 {size / before:.1%}")
