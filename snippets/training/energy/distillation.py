"""小模型跟着大模型学，比自己学更准吗？"""

import keras
import numpy as np

from training.energy.pruning import clusters

ops = keras.ops


def soft_labels(teacher: keras.Model, x, temperature: float) -> np.ndarray:
    """老师的输出除以温度再做 softmax：温度越高，越看得出哪几类相近。

    temperature 不是正数时抛出 ValueError。
    """
    if temperature <= 0:
        raise ValueError(f"temperature 必须是正数，收到 {temperature}")
    return ops.convert_to_numpy(ops.softmax(teacher(x) / temperature))


def distillation_loss(temperature: float):
    """软标签的交叉熵。乘 T²：梯度按 1/T² 缩小，乘回来才不必重调学习率（Hinton 等，§2）。"""

    def loss(soft, logits):
        return -(temperature**2) * ops.sum(soft * ops.log_softmax(logits / temperature), axis=-1)

    return loss


def train(widths: tuple[int, ...], x, y, loss, epochs: int, rate: float) -> keras.Model:
    keras.utils.set_random_seed(0)  # 两个学生从同一组初始权重开始
    model = keras.Sequential([keras.layers.Dense(width, "relu") for width in widths])
    model.add(keras.layers.Dense(10))
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(x, y, batch_size=100, epochs=epochs, verbose=0)
    return model


if __name__ == "__main__":
    hard = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    teacher = train((128, 128), *clusters(5000, seed=0), hard, epochs=4, rate=0.003)
    x, y = (part[:200] for part in clusters(5000, seed=0))
    print(f"老师用 5000 个样本训练，学生只用其中 {len(x)} 个")
    alone = train((16,), x, y, hard, epochs=50, rate=0.03)
    taught = train((16,), x, soft_labels(teacher, x, 3), distillation_loss(3), 50, 0.03)
    test_x, test_y = clusters(5000, seed=1)
    for name, model in (
        ("老师", teacher),
        ("学生，只有标签", alone),
        ("学生，老师的软标签", taught),
    ):
        share = np.mean(ops.convert_to_numpy(model(test_x)).argmax(axis=1) == test_y)
        print(f"{name}：{model.count_params():,} 个参数，准确率 {share:.0%}")
