"""参考答案：怎样让 map 不怕异常、被杀的进程和卡住的任务？"""

import time
from multiprocessing import Pipe, Process
from multiprocessing.connection import wait


class TaskError(Exception):
    """一个任务没有结果；消息里有这个输入的 repr 和原因。"""


def work(function, item, pipe) -> None:
    try:
        pipe.send((True, function(item)))
    except Exception as error:  # 送文字：有的异常无法序列化
        pipe.send((False, repr(error)))


def resilient_map(function, items: list, workers: int, attempts: int, timeout_s: float) -> list:
    """一次尝试一个进程：死的、卡的是哪个任务，一清二楚，也不连累别的任务。"""
    for name, value in (("workers", workers), ("attempts", attempts), ("timeout_s", timeout_s)):
        if not value > 0:
            raise ValueError(f"{name} 必须是正数，收到 {value}")
    waiting = [(number, 1) for number in reversed(range(len(items)))]
    running, results = {}, [None] * len(items)
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                number, attempt = waiting.pop()
                ours, theirs = Pipe(duplex=False)
                process = Process(target=work, args=(function, items[number], theirs), daemon=True)
                process.start()
                theirs.close()  # 写端只剩工作进程的那一个：它一死，这边就读到结尾
                running[ours] = process, number, attempt, time.monotonic() + timeout_s
            ready = wait(running, 0.05)  # 没有消息，也要醒来看有没有超时的
            for pipe, (process, number, attempt, deadline) in list(running.items()):
                if pipe not in ready and time.monotonic() < deadline:
                    continue
                try:
                    done, value = pipe.recv() if pipe.poll() else (None, "超时")
                except Exception as error:  # 管道里什么也没有，或只有半条消息
                    done, value = None, f"没有交出结果（{error!r}）；进程若是被杀，多半因为内存不足"
                process.kill()  # 收到结果、已死、超时，都不必再等它
                process.join()
                del running[pipe]
                if done:
                    results[number] = value
                elif done is None and attempt < attempts:
                    waiting.append((number, attempt + 1))
                else:
                    raise TaskError(f"输入 {items[number]!r}，第 {attempt} 次尝试：{value}")
    finally:
        for process, *_ in running.values():
            process.kill()
            process.join()
    return results


if __name__ == "__main__":
    print(resilient_map(abs, [-3, 1, -2], workers=2, attempts=2, timeout_s=10))
