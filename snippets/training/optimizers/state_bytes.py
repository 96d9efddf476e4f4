"""每种优化器为一个参数多存几个字节？"""

import tensorflow as tf


def state_bytes_per_parameter(optimizer: tf.keras.optimizers.Optimizer, rows: int, columns: int):
    """优化器状态的字节数 ÷ 参数个数。步数和学习率是标量，不计。"""
    weight = tf.Variable(tf.zeros([rows, columns]))
    optimizer.build([weight])
    state = [v.numpy() for v in optimizer.variables if len(v.shape) > 0]
    return sum(array.nbytes for array in state) / (rows * columns)


if __name__ == "__main__":
    parameters = 7.5e9
    o = tf.keras.optimizers
    for name, optimizer in {
        "SGD": o.SGD(),
        "SGD，带动量": o.SGD(momentum=0.9),
        "Lion": o.Lion(),
        "AdaGrad": o.Adagrad(),
        "Adam": o.Adam(),
        "AdamW": o.AdamW(),
    }.items():
        each = state_bytes_per_parameter(optimizer, rows=1024, columns=1024)
        print(f"{name}：每个参数 {each:.0f} 字节，75 亿参数 {each * parameters / 1e9:.0f} GB")
