"""导出成手机上能跑的 int8 模型，小多少，还准吗？校准数据起什么作用？"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

from training.energy.digit_images import digits
from training.energy.digit_network import initial, train
from training.energy.pruning import keras_model


def convert(model: keras.Model, calibration=None) -> bytes:
    """导出成 LiteRT 文件；给出 calibration（若干输入）就转成 int8，激活的范围由它们跑一遍得到。"""
    options = {}
    if calibration is not None:
        rows = np.asarray(calibration, dtype="float32")
        options = {
            "optimizations": [tf.lite.Optimize.DEFAULT],
            "representative_dataset": lambda: ([row[None]] for row in rows),
        }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        model.export(path, format="litert", verbose=False, **options)
        return path.read_bytes()


def load(file: bytes, rows: int) -> Interpreter:
    # 只用一个线程，计时才好比
    interpreter = Interpreter(model_content=file, num_threads=1)
    interpreter.resize_tensor_input(interpreter.get_input_details()[0]["index"], (rows, 64))
    interpreter.allocate_tensors()
    return interpreter


def file_accuracy(file: bytes, x, y) -> float:
    interpreter = load(file, len(x))
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x.astype("float32"))
    interpreter.invoke()
    scores = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    return float(np.mean(scores.argmax(axis=1) == y))


if __name__ == "__main__":
    sys.dont_write_bytecode = True  # 导出时 TensorFlow 会在临时目录留下字节码
    (x, y), test = digits()
    model = keras_model(train(initial(128), x, np.eye(10)[y], epochs=8), "float32")
    for name, file in (
        ("float32", convert(model)),
        ("int8，用一百张训练图校准", convert(model, x[:100])),
        ("int8，校准时忘了除以 16", convert(model, 16 * x[:100])),
        ("int8，用全黑的图校准", convert(model, 0 * x[:100])),
    ):
        print(f"{name}：{len(file) / 1024:.0f} KB，准确率 {file_accuracy(file, *test):.0%}")
