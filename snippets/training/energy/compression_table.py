"""量化、剪枝、蒸馏放在一张表里：文件多大，还准吗，快了吗？"""

import lzma
import sys
from timeit import repeat

import numpy as np

from training.energy.digit_images import digits
from training.energy.digit_network import initial, train
from training.energy.distillation import soft_labels
from training.energy.litert_export import convert, file_accuracy, load
from training.energy.pruning import keras_model
from training.energy.pruning_schedule import gradual, pruner
from training.energy.quantization_aware import rounded


def seconds(file: bytes, rows: int) -> float:
    """算 rows 个样本最快用多久。"""
    return min(repeat(load(file, rows).invoke, number=1, repeat=20))


def files(x, y) -> dict[str, bytes]:
    """同一个老师的六种样子。"""
    targets = np.eye(10)[y]
    teacher = train(initial(128), x, targets, epochs=8)
    aware = train(teacher, x, targets, epochs=2, seen=rounded(8))
    pruned = train(teacher, x, targets, epochs=6, after=pruner(gradual(0.9)))
    soft = soft_labels(teacher, x, 3)
    student = train(initial(16), x, soft, epochs=8, rate=0.01, temperature=3)  # 网络小，步子大些
    plain, eight, sparse, small = (
        keras_model(w, "float32") for w in (teacher, aware, pruned, student)
    )
    return {
        "原样": convert(plain),
        "int8": convert(plain, x[:100]),
        "量化感知 int8": convert(eight, x[:100]),
        "剪掉九成": convert(sparse),
        "剪枝加 int8": convert(sparse, x[:100]),
        "蒸馏的学生": convert(small),
    }


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # 同 litert_export
    (x, y), test = digits()
    made = files(x, y)
    for name, file in made.items():
        packed = len(lzma.compress(file)) / 1024
        accuracy = file_accuracy(file, *test)
        print(f"{name}：{len(file) / 1024:.0f} KB，再压缩 {packed:.0f} KB，准确率 {accuracy:.0%}")
    times = {name: seconds(file, 512) for name, file in made.items()}
    for name, time in times.items():
        print(f"≈ {name}：用时是原样的 {time / times['原样']:.2f} 倍")
