"""半精度的梯度为什么会变成零？损失缩放怎样救回来，bfloat16 为什么不需要？"""

import time

import keras
import tensorflow as tf

learning_rate = 0.5


def gradient(dtype: str, loss_scale: float = 1.0) -> float:
    """损失 = 1e-4 × (1e-4 × w)，梯度的真值是 1e-8。乘法用 dtype 算，w 留在 float32。"""
    w = tf.Variable(1.0)
    small = tf.cast(1e-4, dtype)
    with tf.GradientTape() as tape:
        loss = small * (small * tf.cast(w, dtype))
        loss *= tf.cast(loss_scale, dtype)  # 反向时，第一个被放大的就是损失的梯度
    return float(tape.gradient(loss, w)) / loss_scale  # 用之前再除回来


def stored_update(dtype: str, update: float) -> float:
    """权重是 1，用 dtype 存，减去 update 之后变了多少。"""
    one = tf.cast(1.0, dtype)
    return float(one - (one - tf.cast(update, dtype)))


def step(optimizer: keras.optimizers.LossScaleOptimizer, grad: float) -> tuple[float, float]:
    """w 从 1 开始走一步，返回（w, 之后的缩放倍数）。"""
    w = tf.Variable(1.0)
    optimizer.build([w])
    optimizer.apply([tf.constant(grad)], [w])
    return float(w), float(optimizer.dynamic_scale)


def matmul_seconds(dtype: str, size: int = 384) -> float:
    matrix = tf.ones((size, size), dtype)
    best = float("inf")
    for _ in range(8):  # 取最快的一次，第一次含准备
        start = time.perf_counter()
        tf.matmul(matrix, matrix).numpy()
        best = min(best, time.perf_counter() - start)
    return best


if __name__ == "__main__":
    for dtype in ("float32", "float16", "bfloat16"):
        print(
            f"{dtype}：梯度 {gradient(dtype):.1e}，1 减 0.001 变了 {stored_update(dtype, 0.001):.1e}"
        )
    print(f"float16，损失先乘 1,024：梯度 {gradient('float16', 1024):.1e}")
    for name, grad in (("正常", 1024.0), ("溢出", float("inf"))):
        optimizer = keras.optimizers.LossScaleOptimizer(
            keras.optimizers.SGD(learning_rate), initial_scale=1024.0
        )
        w, scale = step(optimizer, grad)
        print(f"{name}的一步：w 从 1 到 {w:.1f}，缩放倍数 {scale:,.0f}")
    base = matmul_seconds("float32")
    half, brain = (matmul_seconds(dtype) / base for dtype in ("float16", "bfloat16"))
    print(f"≈ 本机矩阵乘的用时，float32 是 1.0，float16 是 {half:.1f}，bfloat16 是 {brain:.1f}")
