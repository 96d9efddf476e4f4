"""把权重从 32 位浮点量化成 8 位、4 位整数，小多少，还准吗？"""

import keras
import numpy as np

from training.energy.digit_images import digits
from training.energy.digit_network import initial, train
from training.energy.pruning import keras_model


def weight_bytes(model: keras.Model) -> int:
    """只数权重。直接比较保存的文件会上当：编译过的模型连优化器的状态一起存。"""
    return sum(weight.numpy().nbytes for weight in model.weights)


def model_accuracy(model: keras.Model, x, y) -> float:
    return float((model(x).numpy().argmax(axis=1) == y).mean())


if __name__ == "__main__":
    (x, y), test = digits()
    weights = train(initial(128), x, np.eye(10)[y], epochs=8)
    before = weight_bytes(keras_model(weights, "float32"))
    for mode in ("float32", "int8", "int4"):
        model = keras_model(weights, "float32")
        if mode != "float32":
            model.quantize(mode)
        size, right = weight_bytes(model), model_accuracy(model, *test)
        print(f"{mode}：准确率 {right:.0%}，权重 {size:,} 字节，是原来的 {size / before:.1%}")
