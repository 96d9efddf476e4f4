"""两个逻辑 CPU 设备要在 TensorFlow 初始化之前设好，整个进程只能设一次。"""

import pytest


@pytest.fixture(scope="session", autouse=True)
def two_logical_cpus():
    import tensorflow as tf

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
