"""两个进程各算半批，怎样训练得和一个进程算整批一样？端口被占怎么办？"""

import faulthandler
import json
import socket
import sys

import numpy as np

from training.distributed.workers import WorkerError, free_ports, outputs, started


def work() -> None:
    """每个 worker 运行的就是这个文件；TF_CONFIG 里写着伙伴的地址和自己的序号。"""
    faulthandler.dump_traceback_later(100, exit=True)  # 启动它的进程没了，它也不会一直等
    import tensorflow as tf  # 父进程不需要，省几秒

    from training.distributed.mirrored import train

    strategy = tf.distribute.MultiWorkerMirroredStrategy()  # 在这里等伙伴到齐
    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 8)).astype("float32")
    y = np.sin(x.sum(axis=1))
    losses, (weights,) = train(strategy, x, y, global_batch=64, epochs=5)
    _, (alone,) = train(tf.distribute.get_strategy(), x, y, global_batch=64, epochs=5)
    result = {
        "replicas": strategy.num_replicas_in_sync,
        "losses": losses,
        "weights": weights.tobytes().hex(),
        "gap": float(np.abs(weights - alone).max()),
    }
    print(json.dumps(result), flush=True)


def run(command: list[str], use=outputs, limit_s=90.0, choose=free_ports, attempts=3):
    """启动两个 worker，返回 use(jobs, limit_s)。端口被占就换一组重来，别的失败原样抛出。"""
    while True:
        attempts -= 1
        with started(command, choose(2)) as jobs:
            try:
                return use(jobs, limit_s)
            except WorkerError as failure:
                if attempts < 1 or "Could not start gRPC server" not in failure.args[2]:
                    raise


if __name__ == "__main__":
    if "worker" in sys.argv:
        work()
    else:
        command = [sys.executable, __file__, "worker"]
        with socket.create_server(("127.0.0.1", 0)) as taken:  # 故意让第一组里有一个被占
            groups = [free_ports(2), [*free_ports(1), taken.getsockname()[1]]]
            one, two = map(json.loads, run(command, choose=lambda _: groups.pop()))
        print(f"第一组端口有一个被占，换一组就成功：{not groups}")
        first, *_, last = one["losses"]
        print(f"{one['replicas']} 个进程，{len(one['losses'])} 步，损失 {first:.2f} → {last:.2f}")
        print(f"两个进程的权重逐位相同：{one['weights'] == two['weights']}")
        print(f"与单进程整批训练的差距小于 1e-5：{max(one['gap'], two['gap']) < 1e-5}")
        print(f"≈ 权重最大差 {one['gap']:.0e}，浮点求和的次序不同所致")
