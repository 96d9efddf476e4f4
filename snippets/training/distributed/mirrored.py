"""两个设备各算半批，怎样训练得和一个设备算整批一样？"""

import numpy as np
import tensorflow as tf


def split_cpu_in_two() -> list[str]:
    """把一个 CPU 当成两个逻辑设备。要在 TensorFlow 做任何运算之前调用。"""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return ["CPU:0", "CPU:1"]


def train(strategy: tf.distribute.Strategy, x, y, global_batch: int, epochs: int):
    """返回（每步的损失，每个设备上的权重，展平成一个向量）。"""
    tf.keras.utils.set_random_seed(0)
    with strategy.scope():  # 变量在这里创建，每个设备一份
        model = tf.keras.Sequential([tf.keras.layers.Dense(16, "tanh"), tf.keras.layers.Dense(1)])
        model.build((None, x.shape[1]))
        optimizer = tf.keras.optimizers.SGD(0.1)
        optimizer.build(model.trainable_variables)

    def on_each_device(inputs, targets):
        with tf.GradientTape() as tape:
            each = tf.square(targets - model(inputs)[:, 0])
            loss = tf.reduce_sum(each) / global_batch  # 除以整批，不是本设备的那一份
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))  # 里面做 all-reduce
        return loss

    @tf.function(autograph=False)
    def step(inputs, targets):
        losses = strategy.run(on_each_device, args=(inputs, targets))
        return strategy.reduce("SUM", losses, axis=None)

    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(global_batch, drop_remainder=True)
    distributed = strategy.experimental_distribute_dataset(dataset)  # 每批再均分给各设备
    losses = [float(step(*batch)) for _ in range(epochs) for batch in distributed]
    copies = [strategy.experimental_local_results(v.value) for v in model.trainable_variables]
    return losses, [np.concatenate([np.ravel(c) for c in device]) for device in zip(*copies)]


if __name__ == "__main__":
    devices = split_cpu_in_two()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 8)).astype("float32")
    y = np.sin(x.sum(axis=1))
    one, (whole,) = train(tf.distribute.get_strategy(), x, y, global_batch=64, epochs=5)
    two, copies = train(tf.distribute.MirroredStrategy(devices), x, y, global_batch=64, epochs=5)
    print(f"{len(copies)} 个设备，{len(two)} 步，损失 {two[0]:.2f} → {two[-1]:.2f}")
    print(f"各设备的权重逐位相同：{np.array_equal(*copies)}")
    print(f"与单设备整批训练的差距小于 1e-5：{np.abs(copies[0] - whole).max() < 1e-5}")
    print(f"≈ 权重最大差 {np.abs(copies[0] - whole).max():.0e}，浮点求和的次序不同所致")
