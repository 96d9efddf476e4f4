"""检查点里要存什么，接着训练才和没中断过一样？"""

import tempfile

import numpy as np
import tensorflow as tf


def train(strategy, folder: str, rank=0, last=12, checkpoint=None, momentum=True, before=id):
    """训练到第 last 步，每五步往 folder 存一次检查点，返回权重的字节。

    有 checkpoint 就从那里接着训练：数据由步数决定，所以步数对了，数据就对了。
    momentum 为假时只恢复参数。before 在每步之前调用，收到已完成的步数。
    """
    tf.keras.utils.set_random_seed(0)
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(8, "tanh"), tf.keras.layers.Dense(1)])
        model.build((None, 4))
        optimizer = tf.keras.optimizers.SGD(0.1, momentum=0.9)
        optimizer.build(model.trainable_variables)
    state = tf.train.Checkpoint(model=model, optimizer=optimizer)
    first = 0
    if checkpoint:
        known = state if momentum else tf.train.Checkpoint(model=model)
        known.restore(checkpoint).expect_partial()
        first = 5 * int(state.save_counter)

    def on_each_worker(x):
        with tf.GradientTape() as tape:
            error = tf.sin(tf.reduce_sum(x, axis=1)) - model(x)[:, 0]
            loss = tf.reduce_sum(error**2) / 32  # 全局批大小
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))

    step = tf.function(lambda x: strategy.run(on_each_worker, args=(x,)), autograph=False)
    for done in range(first, last):
        before(done)
        batch = np.random.default_rng(done).normal(size=(32, 4)).astype("float32")
        step(tf.constant(batch[rank :: strategy.num_replicas_in_sync]))  # 每个进程一份
        if (done + 1) % 5 == 0:
            state.save(f"{folder}/{rank}/save")
    return b"".join(v.numpy().tobytes() for v in model.trainable_variables)


if __name__ == "__main__":
    one = tf.distribute.get_strategy()
    with tempfile.TemporaryDirectory() as folder:
        whole = train(one, f"{folder}/whole")
        train(one, f"{folder}/broken", last=8)  # 做完 8 步中断，最近的检查点在第 5 步
        latest = tf.train.latest_checkpoint(f"{folder}/broken/0")
        for name, momentum in ("参数和动量都恢复", True), ("只恢复参数", False):
            again = train(one, f"{folder}/{name}", checkpoint=latest, momentum=momentum)
            print(f"{name}，从第 5 步做到第 12 步，与没中断的逐位相同：{again == whole}")
