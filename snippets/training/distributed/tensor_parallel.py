"""一层的矩阵切给几个设备，怎样切，才只要一次 all-reduce 就和整块相等？"""

import numpy as np

from training.distributed.ring_all_reduce import ring_all_reduce


def relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0)


def column_then_row(x, a, b, devices: int):
    """relu(x·a)·b：a 按列切，b 按行切，中间的激活函数各算各的，最后加一次。

    返回（每个设备上的输出，每个设备发出的元素数）。
    """
    partial = [
        relu(x @ columns) @ rows
        for columns, rows in zip(np.array_split(a, devices, axis=1), np.array_split(b, devices))
    ]
    sums, sent = ring_all_reduce([part.ravel() for part in partial])
    return [total.reshape(len(x), -1) for total in sums], sent


def row_first(x, a, b, devices: int) -> np.ndarray:
    """a 按行切，乘积只是部分和；不先加就过激活函数，结果是错的。"""
    pieces = zip(np.array_split(x, devices, axis=1), np.array_split(a, devices))
    return sum(relu(columns @ rows) for columns, rows in pieces) @ b


def input_gradient(x, a, b, upstream, devices: int) -> np.ndarray:
    """反向：每个设备用自己的两块算出对 x 的梯度，再加一次，就是第二次 all-reduce。"""
    partial = []
    for columns, rows in zip(np.array_split(a, devices, axis=1), np.array_split(b, devices)):
        partial.append(((upstream @ rows.T) * (x @ columns > 0) @ columns.T).ravel())
    return ring_all_reduce(partial)[0][0].reshape(x.shape)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    tokens, width, hidden, devices = 6, 8, 32, 4
    x = rng.integers(-3, 4, size=(tokens, width))  # 整数没有舍入，可以要求完全相等
    a, b = rng.integers(-3, 4, size=(width, hidden)), rng.integers(-3, 4, size=(hidden, width))
    whole = relu(x @ a) @ b
    outputs, sent = column_then_row(x, a, b, devices)
    equal = all(np.array_equal(output, whole) for output in outputs)
    print(f"{devices} 个设备，先按列切再按行切：与整块相等 {equal}")
    print(f"每个设备存 {(a.size + b.size) // devices} 个参数，整层是 {a.size + b.size} 个")
    print(f"前向每个设备发出 {sent[0]} 个数，激活值共 {whole.size} 个")
    upstream = rng.integers(-3, 4, size=whole.shape)
    expected = (upstream @ b.T) * (x @ a > 0) @ a.T
    again = np.array_equal(input_gradient(x, a, b, upstream, devices), expected)
    print(f"反向再归约一次，对输入的梯度与整块相等 {again}")
    print(
        f"先按行切、不归约就过激活函数：与整块相等 {np.array_equal(row_first(x, a, b, 4), whole)}"
    )
