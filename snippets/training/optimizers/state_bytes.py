"""每种优化器为一个参数多存几个字节？700 亿参数要多少显存？"""

import math

import tensorflow as tf

from training.distributed.zero import bytes_per_device

H100_MEMORY_GB = 80


def state_bytes_per_parameter(optimizer: tf.keras.optimizers.Optimizer, rows: int, columns: int):
    """优化器状态的字节数 ÷ 参数个数。步数和学习率是标量，不计。"""
    weight = tf.Variable(tf.zeros([rows, columns]))
    optimizer.build([weight])
    state = [v.numpy() for v in optimizer.variables if len(v.shape) > 0]
    return sum(array.nbytes for array in state) / (rows * columns)


if __name__ == "__main__":
    parameters, devices = 70e9, 64
    o = tf.keras.optimizers
    for name, optimizer in {
        "SGD": o.SGD(),
        "SGD，带动量": o.SGD(momentum=0.9),
        "Lion": o.Lion(),
        "AdaGrad": o.Adagrad(),
        "RMSProp": o.RMSprop(),
        "Adam": o.Adam(),
        "AdamW": o.AdamW(),
    }.items():
        each = state_bytes_per_parameter(optimizer, rows=1024, columns=1024)
        print(f"{name}：每个参数 {each:.0f} 字节，700 亿参数 {each * parameters / 1e9:.0f} GB")
    total = bytes_per_device(parameters) / 1e9
    cards = math.ceil(total / H100_MEMORY_GB)
    print(f"混合精度 AdamW，连参数和梯度：{total:.0f} GB，要 {cards} 张 {H100_MEMORY_GB} GB 的卡")
    for stage in range(4):
        each = bytes_per_device(parameters, devices, stage) / 1e9
        fits = "放得下" if each < H100_MEMORY_GB else "放不下"
        print(f"ZeRO 阶段 {stage}，{devices} 张卡：每张 {each:.1f} GB，{fits}")
