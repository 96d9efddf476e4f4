"""任务做到一半被杀，重做一遍，结果会不会多、会不会残？"""

import multiprocessing
import os
import signal
import tempfile
from pathlib import Path


def append(folder: Path, task: int, die) -> None:
    """朴素：把结果追加到同一个文件。"""
    with open(folder / "results", "a") as file:
        write_square(file, task, die)
    die("写完还没回报")


def replace(folder: Path, task: int, die) -> None:
    """先写临时名，再改成任务号：读者只看到没有或完整，重做只是覆盖自己。"""
    temporary = folder / f"{task}.{os.getpid()}.partial"
    with open(temporary, "w") as file:
        write_square(file, task, die)
        os.fsync(file.fileno())  # 先落盘，再改名：断电也不会留下残缺的文件
    os.replace(temporary, folder / f"{task}.done")
    die("写完还没回报")


def write_square(file, task: int, die) -> None:
    for part in (f"{task} ", f"{task * task}\n"):
        file.write(part)
        file.flush()
        if part.endswith(" "):
            die("写到一半")


def attempt(write, folder: Path, task: int, fatal: str | None) -> None:
    """在单独的进程里跑一次，到 fatal 这个时刻就被杀。"""
    write(folder, task, lambda now: now == fatal and os.kill(os.getpid(), signal.SIGKILL))


def run(write, tasks: int, victim: int, fatal: str) -> str:
    """逐个执行；victim 第一次在 fatal 时刻被杀，重做一次。返回写下的全部内容。"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for task in range(tasks):
            for moment in (fatal, None) if task == victim else (None,):
                arguments = (write, folder, task, moment)
                process = multiprocessing.Process(target=attempt, args=arguments, daemon=True)
                process.start()
                process.join(60)
        files = sorted(path for path in folder.iterdir() if path.suffix != ".partial")
        return "".join(path.read_text() for path in files)


if __name__ == "__main__":
    for write in (append, replace):
        for moment in ("写到一半", "写完还没回报"):
            print(f"{write.__name__}，任务 1 {moment}被杀：{run(write, 3, 1, moment)!r}")
