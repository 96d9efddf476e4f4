"""一万个输入里有几个是坏的，怎样知道是哪几个，又不连累别的？"""

import traceback
from concurrent.futures import ProcessPoolExecutor
from functools import partial


class TaskError(Exception):
    """一个任务失败：消息写明输入和原因，附注是工作进程里的调用栈。"""


def tokens_per_s(record: str) -> float:
    """一条日志“token 数,秒数”的速度。"""
    tokens, seconds = record.split(",")
    return int(tokens) / int(seconds)


def attempt(task, item):
    """在工作进程里跑，返回（结果，异常，调用栈）。

    异常变成文字再送回：它不会中断同一批里的其他任务，也不怕无法序列化。
    """
    try:
        return task(item), None, None
    except Exception as error:
        return None, repr(error), traceback.format_exc()


def named_map(task, items: list, workers: int, batch: int) -> list:
    """按顺序返回全部结果；有失败的，全部做完后一并抛出 ExceptionGroup，逐个写明输入。"""
    with ProcessPoolExecutor(max_workers=workers) as pool:
        outcomes = list(pool.map(partial(attempt, task), items, chunksize=batch))
    failures = []
    for number, (item, (_, reason, trace)) in enumerate(zip(items, outcomes)):
        if reason is not None:
            failures.append(TaskError(f"第 {number} 个输入 {item!r}：{reason}"))
            failures[-1].add_note(trace)
    if failures:
        raise ExceptionGroup(f"{len(items)} 个任务中有 {len(failures)} 个失败", failures)
    return [result for result, _, _ in outcomes]


if __name__ == "__main__":
    records = ["512,4", "300,0", "1024,8", "8o0,2", "640,5"]
    try:
        with ProcessPoolExecutor(max_workers=2) as pool:
            list(pool.map(tokens_per_s, records, chunksize=2))
    except ZeroDivisionError as error:
        print(f"直接 map：{error!r}，不知道是哪条，后面的也没了")
    try:
        named_map(tokens_per_s, records, workers=2, batch=2)
    except* TaskError as group:
        print(group.message)
        for failure in group.exceptions:
            print(failure)
