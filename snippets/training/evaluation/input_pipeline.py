"""一步的时间花在等数据还是在算？预取和并行读取能藏起多少？（≈ 行因机器而异）"""

import statistics
import time

import tensorflow as tf

from training.evaluation.own_mfu import training_step
from training.evaluation.throughput import time_steps


def slow_input(data, read_s: float, steps: int, readers: int, prefetch: int) -> tf.data.Dataset:
    """每批都要等 read_s 秒的输入，像从远处的存储读；readers 个同时读，预先备好 prefetch 批。"""

    def wait(i):
        time.sleep(read_s)  # 等待不占 CPU，也不占 Python 的全局锁
        return i

    @tf.autograph.experimental.do_not_convert
    def read(i):
        with tf.control_dependencies([tf.numpy_function(wait, [i], tf.int64)]):
            return tuple(tf.identity(part) for part in data)

    options = tf.data.Options()
    options.threading.private_threadpool_size = readers + 1
    options.experimental_optimization.inject_prefetch = False  # 默认会在末尾替你加一个预取
    dataset = tf.data.Dataset.range(steps)
    dataset = dataset.map(read, num_parallel_calls=readers if readers > 1 else None)
    return (dataset.prefetch(prefetch) if prefetch else dataset).with_options(options)


def breakdown(dataset, step, skip: int = 2) -> tuple[float, float]:
    """一步里（等数据, 计算）各占几秒，取中位数；前 skip 步是热身，不计。"""
    waits, computes, batches = [], [], iter(dataset)
    while True:
        start = time.perf_counter()
        batch = next(batches, None)
        if batch is None:
            return statistics.median(waits[skip:]), statistics.median(computes[skip:])
        ready = time.perf_counter()
        float(step(*batch))
        waits.append(ready - start)
        computes.append(time.perf_counter() - ready)


if __name__ == "__main__":
    step, _ = training_step((512, 512, 512))
    data = (tf.ones((512, 512)), tf.ones((512, 512)))
    read_s = 3 * statistics.median(time_steps(step, data, steps=8)[1:])  # 读一批是算一步的 3 倍
    totals = []
    for name, readers, prefetch in (("边等边算", 1, 0), ("预取", 1, 2), ("预取，6 个同时读", 6, 6)):
        wait, compute = breakdown(slow_input(data, read_s, 11, readers, prefetch), step)
        totals.append(wait + compute)
        print(f"≈ {name}：等数据 {wait * 1e3:.1f} ms，计算 {compute * 1e3:.1f} ms")
        if prefetch != 2:
            print(f"{name}：瓶颈是{'读数据' if wait > compute else '计算'}")
    print(f"一种比一种快：{totals[0] > totals[1] > totals[2]}")
