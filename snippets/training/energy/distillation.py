"""小模型跟着大模型学，比自己学更准吗？"""

import numpy as np

from business.inference.limits import positive
from training.energy.digit_images import digits
from training.energy.digit_network import accuracy, forward, initial, log_softmax, train


def soft_labels(teacher, x, temperature: float) -> np.ndarray:
    """老师的分数除以温度再做 softmax：温度越高，越看得出哪几类相近。"""
    positive(temperature=temperature)
    return np.exp(log_softmax(forward(teacher, x)[-1] / temperature))


if __name__ == "__main__":
    (x, y), test = digits()
    teacher = train(initial(128), x, np.eye(10)[y], epochs=8)
    few = x[:100]
    print(f"老师用 {len(x):,} 张图训练，学生只用其中 {len(few)} 张")
    options = {"epochs": 100, "rate": 0.01}
    alone = train(initial(16), few, np.eye(10)[y[:100]], **options)
    # 损失乘 T²：梯度按 1/T² 缩小，乘回来才不必重调学习率（Hinton 等，§2）
    taught = train(initial(16), few, soft_labels(teacher, few, 3), temperature=3, **options)
    for name, model in (
        ("老师", teacher),
        ("学生，只有标签", alone),
        ("学生，老师的软标签", taught),
    ):
        size = sum(part.size for part in model)
        print(f"{name}：{size:,} 个参数，准确率 {accuracy(model, *test):.0%}")
