"""一个 worker 在训练中被杀，同一条命令再启动一次，能得到没出事时的权重吗？"""

import faulthandler
import os
import re
import signal
import sys
import tempfile
import time

from training.distributed.multi_worker import run
from training.distributed.workers import WorkerError, outputs


def work(folder: str) -> None:
    """没有检查点就从头训练，1 号做完 8 步被杀；有就接着训练，再完整训练一遍作对照。"""
    faulthandler.dump_traceback_later(100, exit=True)
    import tensorflow as tf

    from training.distributed.resume import train

    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    rank = strategy.cluster_resolver.task_id
    checkpoint = tf.train.latest_checkpoint(f"{folder}/0")  # 大家都读 0 号存的

    def accident(done: int) -> None:
        if not checkpoint and rank == 1 and done == 8:
            os.kill(os.getpid(), signal.SIGKILL)

    again = train(strategy, folder, rank, checkpoint=checkpoint, before=accident)
    whole = train(strategy, f"{folder}/whole", rank)
    print(os.path.basename(checkpoint), again == whole, again.hex(), flush=True)


def accident(jobs, limit_s: float) -> tuple[str, float]:
    """等到 1 号被杀，再看 0 号：返回它的错误，和它晚了几秒才结束。"""
    try:
        outputs(jobs, limit_s)
    except WorkerError as death:
        if death.args[:2] != (1, -signal.SIGKILL):
            raise
    died = time.monotonic()
    try:
        raise AssertionError(f"0 号不应当独自做完：{outputs(jobs[:1], limit_s)}")
    except WorkerError as death:
        return re.findall(r"\w+Error", death.args[2])[-1], time.monotonic() - died


if __name__ == "__main__":
    if "worker" in sys.argv:
        work(sys.argv[-1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, __file__, "worker", folder]
            error, seconds = run(command, accident)
            print(f"1 号做完 8 步被杀，0 号随后也停了：{error}\n≈ 晚 {seconds:.0f} 秒")
            names, same, weights = zip(*(line.split() for line in run(command)))
        print(f"再启动一次，从 {names[0]} 接着做完，与没中断的逐位相同：{'、'.join(same)}")
        print(f"两个进程的权重逐位相同：{weights[0] == weights[1]}")
