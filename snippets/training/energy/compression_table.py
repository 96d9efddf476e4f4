"""剪枝、int8、蒸馏放在一张表里：文件多大，还准吗，快了吗？"""

import lzma
import sys
from math import ceil
from timeit import repeat

import keras

from training.energy.distillation import distillation_loss, soft_labels
from training.energy.litert_export import convert, file_accuracy, load
from training.energy.patience import digits
from training.energy.pruning_schedule import batch, cubic, fine_tune, network


def trained(width: int, x, y, loss=None) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = network(width)
    if loss:
        model.compile(keras.optimizers.Adam(0.01), loss)  # 小网络，步子大些
    model.fit(x, y, batch_size=batch, epochs=8, verbose=0)
    return model


def exported(model: keras.Model, width: int, calibration=None) -> bytes:
    """双精度训练的权重放进单精度的网络，再导出。"""
    single = network(width, "float32")
    single.set_weights(model.get_weights())
    return convert(single, calibration)


def seconds(file: bytes, rows: int) -> float:
    """算 rows 个样本最快用多久。"""
    return min(repeat(load(file, rows).invoke, number=1, repeat=20))


def files(x, y) -> dict[str, bytes]:
    """同一个老师的五种样子。"""
    teacher = trained(128, x, y)
    student = trained(16, x, soft_labels(teacher, x, 3), distillation_loss(3))
    made = {"原样": exported(teacher, 128), "int8": exported(teacher, 128, x[:100])}
    fine_tune(teacher, x, y, 6, lambda progress: cubic(min(1, progress / 0.7), 0.9))
    made["剪掉九成"] = exported(teacher, 128)
    made["剪枝加 int8"] = exported(teacher, 128, x[:100])
    made["蒸馏的学生"] = exported(student, 16)
    return made


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # 同 litert_export
    (x, y), test = digits()
    made = files(x, y)
    for name, file in made.items():
        packed = ceil(len(lzma.compress(file)) / 1024)
        accuracy = file_accuracy(file, *test)
        print(f"{name}：{len(file) / 1024:.0f} KB，再压缩不到 {packed} KB，准确率 {accuracy:.0%}")
    times = {name: seconds(file, 512) for name, file in made.items()}
    for name, time in times.items():
        print(f"≈ {name}：用时是原样的 {time / times['原样']:.2f} 倍")
