"""训练一步多快、每秒多少 token、占多少内存？为什么总秒数回答不了？"""

import resource
import statistics
import sys
import time

import keras
import numpy as np


def peak_memory_mib() -> float:
    """本进程到目前为止的内存峰值，单位 MiB。"""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10  # macOS 报字节，Linux 报 KiB


def time_steps(step, batch, steps: int) -> list[float]:
    """逐步计时，单位秒。steps 小于 2 时分不出首步，抛出 ValueError。"""
    if steps < 2:
        raise ValueError(f"steps 至少是 2，收到 {steps}")
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        float(step(*batch))  # 取出数值：在异步执行的设备上，到这里才算完
        seconds.append(time.perf_counter() - start)
    return seconds


def steady_rate(seconds: list[float], per_step: int) -> float:
    """稳态吞吐 = 每步的数量 ÷ 单步时间的中位数，不计首步。"""
    return per_step / statistics.median(seconds[1:])


def language_model(vocabulary: int, width: int) -> keras.Model:
    """由当前 token 预测下一个；train_on_batch 是它的一个训练步，首次调用时建图。"""
    layers = [keras.layers.Embedding(vocabulary, width), keras.layers.Dense(vocabulary)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.001), loss)
    return model


if __name__ == "__main__":
    text = np.random.default_rng(0).integers(0, 2000, size=(16, 65))
    batch, tokens = (text[:, :-1], text[:, 1:]), text[:, 1:].size
    seconds = time_steps(language_model(2000, 64).train_on_batch, batch, steps=20)
    rate, naive = steady_rate(seconds, tokens), tokens * len(seconds) / sum(seconds)
    print(f"每步 16 条 × 64 = {tokens:,} 个 token，共 {len(seconds)} 步")
    print(f"≈ 首步（含建图）{seconds[0] * 1e3:.0f} ms，其余中位数 {tokens / rate * 1e3:.1f} ms")
    print(f"≈ 稳态 {rate:,.0f} token/s，按总秒数算 {naive:,.0f} token/s")
    print(f"≈ 内存峰值 {peak_memory_mib():,.0f} MiB")
    print(f"首步更慢：{seconds[0] > tokens / rate}；按总秒数算的吞吐偏低：{naive < rate}")
