"""在 apply_gradients 之前自己再做一次 all-reduce，会发生什么？"""

import tensorflow as tf

from training.distributed.mirrored import split_cpu_in_two


def update(strategy: tf.distribute.Strategy, optimizer_name: str, reduce_by_hand: bool) -> float:
    """训练一步，返回权重的减少量。"""
    with strategy.scope():
        weight = tf.Variable(1.0)
        optimizer = getattr(tf.keras.optimizers, optimizer_name)(0.1)
        optimizer.build([weight])

    def on_each_device():
        with tf.GradientTape() as tape:
            loss = weight**2 / strategy.num_replicas_in_sync
        gradient = tape.gradient(loss, weight)
        if reduce_by_hand:  # 多余：apply_gradients 里还有一次
            gradient = tf.distribute.get_replica_context().all_reduce("SUM", gradient)
        optimizer.apply_gradients([(gradient, weight)])

    tf.function(lambda: strategy.run(on_each_device), autograph=False)()
    return 1.0 - float(weight.numpy())


if __name__ == "__main__":
    strategy = tf.distribute.MirroredStrategy(split_cpu_in_two())
    for name in "SGD", "Adam":
        right, wrong = (update(strategy, name, reduce_by_hand=again) for again in (False, True))
        print(f"{name}：正确的一步 {right:.2f}，多归约一次 {wrong:.2f}，是 {wrong / right:.1f} 倍")
