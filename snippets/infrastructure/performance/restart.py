"""进程被杀之后，多久恢复干活，返工多少？与可用性公式比。（≈ 行因机器而异）"""

import multiprocessing
import tempfile
import time
from pathlib import Path

from infrastructure.performance.availability import availability

checkpoint_every, step_s = 20, 0.004


def work(file: Path, steps) -> None:
    """从检查点接着做，做一步记一步；写检查点先写临时文件，再改名。"""
    steps[1] = steps[0] = int(file.read_text()) if file.exists() else 0
    while True:
        time.sleep(step_s)  # 一步的活
        steps[1] += 1
        if steps[1] % checkpoint_every == 0:
            new = file.with_suffix(".new")
            new.write_text(str(steps[1]))
            new.replace(file)


def one_life(context, file: Path, run_s: float) -> tuple[float, float, int, int]:
    """启动、干活、SIGKILL。返回（恢复用的秒数，干活的秒数，从第几步接着做，死在第几步）。"""
    steps, started = context.Array("i", [2**30, 0], lock=False), time.monotonic()
    process = context.Process(target=work, args=(file, steps), daemon=True)
    process.start()
    try:
        while steps[1] <= steps[0]:  # 做出第一步，才算恢复
            if time.monotonic() > started + 10:
                raise TimeoutError("工作进程 10 秒没有做出第一步，看它的标准错误")
            time.sleep(0.001)
        ready = time.monotonic()
        time.sleep(run_s)
    finally:
        process.kill()
        process.join()
    return ready - started, time.monotonic() - ready, *steps


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        lives = [one_life(context, Path(folder, "checkpoint"), 0.35) for _ in range(5)]
    redone = [died - after[2] for (*_, died), after in zip(lives, lives[1:])]
    aligned = all(resumed % checkpoint_every == 0 for *_, resumed, _ in lives)
    print(f"杀了 {len(lives)} 次，每次都从检查点接着做：{aligned}")
    print(
        f"每次返工不超过 {checkpoint_every} 步：{all(0 <= n <= checkpoint_every for n in redone)}"
    )
    mttr, mtbf = (sum(column) / len(lives) for column in list(zip(*lives))[:2])
    print(f"≈ 恢复平均 {mttr * 1e3:.0f} ms，两次故障之间干活 {mtbf * 1e3:.0f} ms")
    up = availability(mtbf, mttr)
    wasted = sum(redone) / sum(died - resumed for *_, resumed, died in lives[:-1])
    print(f"≈ 可用性 {up:.1%}；再扣返工，有效时间占比 {up * (1 - wasted):.1%}")
