"""位数很少时，训练里就带着量化，比训完再量化准多少？"""

import keras

from training.energy.patience import digits
from training.energy.pruning_schedule import batch, network
from training.energy.quantization import accuracy

ops = keras.ops


def fake_quantize(kernel, bits: int):
    """每个输出通道一个比例，取整成 −(2^(b−1)−1) 到 2^(b−1)−1 的整数，再乘回来。

    bits 小于 2 时抛出 ValueError：对称的一位只剩零。
    """
    if bits < 2:
        raise ValueError(f"bits 至少是 2，收到 {bits}")
    scale = ops.max(ops.abs(kernel), axis=0, keepdims=True) / (2 ** (bits - 1) - 1)
    return ops.round(kernel / scale) * scale


def straight_through(bits: int) -> type[keras.layers.Dense]:
    """前向用取整后的权重，反向当作没有取整（straight-through）：取整的导数几乎处处是零。"""

    class FakeQuantDense(keras.layers.Dense):
        def call(self, inputs):
            rounding = ops.stop_gradient(fake_quantize(self.kernel, bits) - self.kernel)
            return self.activation(ops.matmul(inputs, self.kernel + rounding) + self.bias)

    return FakeQuantDense


def further(model: keras.Model, weights, train, epochs: int = 5) -> keras.Model:
    """从同一组权重、按同样的次序再训几轮。"""
    keras.utils.set_random_seed(1)
    model.set_weights(weights)
    model.fit(*train, batch_size=batch, epochs=epochs, verbose=0)
    return model


if __name__ == "__main__":
    train, test = digits()
    keras.utils.set_random_seed(0)
    model = network(64)
    model.fit(*train, batch_size=batch, epochs=8, verbose=0)
    weights = model.get_weights()
    start = accuracy(model, *test)
    further(model, weights, train)
    print(f"浮点：{start:.0%}，再训 5 轮 {accuracy(model, *test):.0%}")
    for bits in (4, 3, 2):
        after = network(64, dense=straight_through(bits))
        after.set_weights(model.get_weights())  # 与右边的训练轮数相同
        aware = further(network(64, dense=straight_through(bits)), weights, train)
        print(
            f"{bits} 位：训完再量化 {accuracy(after, *test):.0%}，训练里带着量化 {accuracy(aware, *test):.0%}"
        )
