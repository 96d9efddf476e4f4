"""自己写的模型，MFU 是多少？分子从计算图里数，分母在本机量。（≈ 行因机器而异）"""

import keras
import tensorflow as tf

from infrastructure.performance.matmul_flops import flop, per_second
from training.evaluation.mfu import flop_per_token, mfu
from training.evaluation.throughput import steady_rate, time_steps


def training_step(widths: tuple[int, ...]):
    """(训练步, 矩阵乘里的参数个数)：不带偏置的全连接网络，均方误差，SGD。"""
    layers = [keras.layers.Dense(n, "relu", use_bias=False) for n in widths[1:]]
    model = keras.Sequential([keras.Input((widths[0],)), *layers])
    optimizer = keras.optimizers.SGD(0.01)
    optimizer.build(model.trainable_variables)

    @tf.function(autograph=False)
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((model(x, training=True) - y) ** 2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    return step, model.count_params()


def graph_flop(graph) -> int:
    """计算图里全部矩阵乘的 FLOP：每个 (m × k)·(k × n) 计 2mkn。"""
    total = 0
    for op in graph.get_operations():
        if op.type == "MatMul":
            m, n = op.outputs[0].shape
            k = op.inputs[0].shape[0 if op.get_attr("transpose_a") else 1]
            total += flop(m, k, n)
    return total


def matmul_peak(size: int = 1024) -> float:
    """本机大矩阵乘的 FLOP/s，取几次里最快的，当作峰值。"""
    x = tf.ones((size, size))
    return per_second(lambda: tf.matmul(x, x), flop(size, size, size), repeats=5)


if __name__ == "__main__":
    rates, peak = [], matmul_peak()
    for batch in (2, 512):
        step, parameters = training_step((512, 1024, 1024, 512))
        data = (tf.ones((batch, 512)), tf.ones((batch, 512)))
        counted = graph_flop(step.get_concrete_function(*data).graph)
        formula = flop_per_token(parameters) * batch
        print(f"每批 {batch} 条：图里数出 {counted / 1e9:.3f} GFLOP，6N 公式 {formula / 1e9:.3f}")
        rates.append(steady_rate(time_steps(step, data, steps=7), batch))
        peak = max(peak, matmul_peak())  # 前后都量，避开别的进程占着 CPU 的时候
    per_sample = counted / batch  # 与批大小无关
    small, large = (mfu(rate, per_sample, 1, peak) for rate in rates)
    print(f"≈ 峰值 {peak / 1e9:.0f} GFLOP/s；每批 2 条的 MFU {small:.0%}，每批 512 条 {large:.0%}")
    print(f"大批的 MFU 更高：{small < large}")
