"""一步里哪个算子最花时间？用 TensorFlow 自带的 profiler 录几步，再读出来。（≈ 行因机器而异）"""

import collections
import re
import tempfile
from pathlib import Path

import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2


def record(step, steps: int) -> xplane_pb2.XSpace:
    """先热身一次，再录 steps 步。录到的文件是 XPlane，TensorBoard 读的也是它。"""
    step()
    with tempfile.TemporaryDirectory() as folder:
        tf.profiler.experimental.start(folder)
        for i in range(steps):
            with tf.profiler.experimental.Trace("train", step_num=i, _r=1):
                step()
        tf.profiler.experimental.stop()
        (file,) = Path(folder).rglob("*.xplane.pb")
        return xplane_pb2.XSpace.FromString(file.read_bytes())


def by_operator(space: xplane_pb2.XSpace) -> dict[str, tuple[int, float]]:
    """算子名 → (执行次数, 秒)。事件名写成“节点名:算子”，节点名末尾的序号去掉。"""
    table = collections.defaultdict(lambda: [0, 0.0])
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                if found := re.fullmatch(r"([A-Z]\w*?)(?:_\d+)?:\w+", name):
                    table[found[1]][0] += 1
                    table[found[1]][1] += event.duration_ps / 1e12
    return {name: (count, seconds) for name, (count, seconds) in table.items()}


def small_step():
    """四次矩阵乘，每次后面跟一个 tanh，最后求和。"""
    weights = tf.random.stateless_normal((512, 512), seed=(0, 0))

    @tf.function(autograph=False)
    def step():
        x = weights
        for _ in range(4):
            x = tf.tanh(tf.matmul(x, weights, name="MatMul"), name="Tanh")
        return tf.reduce_sum(x, name="Sum")

    return step


if __name__ == "__main__":
    table = by_operator(record(small_step(), steps=5))
    total = sum(seconds for _, seconds in table.values())
    for name in ("MatMul", "Tanh", "Sum"):
        print(f"{name}：5 步里执行 {table[name][0]} 次")
        print(f"≈ {name} 占 {table[name][1] / total:.0%}")
    print(f"最花时间的算子：{max(table, key=lambda name: table[name][1])}")
