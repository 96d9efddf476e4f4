"""练习：怎样让 map 不怕异常、被杀的进程和卡住的任务？"""


class TaskError(Exception):
    """一个任务没有结果；消息里有这个输入的 repr 和原因。"""


def resilient_map(function, items: list, workers: int, attempts: int, timeout_s: float) -> list:
    """等于 [function(item) for item in items]，在最多 workers 个进程里同时算。

    function 和 items 都能序列化；function 是幂等的，可以重做。

    - 结果按 items 的顺序，与谁先算完无关。
    - function 抛出异常：抛出 TaskError，不重试。
    - 进程被杀，或一次尝试超过 timeout_s 秒：结束那个进程，
      只重做没做完的任务。每个任务最多尝试 attempts 次，
      用完就抛出 TaskError。别的任务弄坏进程，不算它的尝试。
    - 返回或抛出之前，自己启动的进程全部结束，
      被 Ctrl-C 打断时也一样。
    - workers、attempts、timeout_s 都要是正数，
      否则抛出 ValueError，写明是哪个参数、收到什么。
    """
    raise NotImplementedError("请实现 resilient_map")


if __name__ == "__main__":
    print("把本文件抄成 mine.py，写好 resilient_map，再运行：")
    print("uv run --group test pytest tests/coding/test_compute.py --solution mine.py")
