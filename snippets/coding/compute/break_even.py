"""单个任务要多重，进程池才追得上循环？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg


def pool_over_loop(compute_over_communication, workers: int):
    """大量任务时，进程池用时 ÷ 循环用时 = c/t + 1/p，自变量是 t/c（无量纲）。"""
    return 1 / compute_over_communication + 1 / workers


def figure() -> str:
    fig, ax = canvas("break_even")
    ratio = np.logspace(-1, 3, 50)
    for workers, color in ((2, "#1e88e5"), (4, "#e65100"), (16, "#43a047")):
        ax.loglog(ratio, pool_over_loop(ratio, workers), color=color, label=f"{workers} 个进程")
    ax.axhline(1, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="单个任务：计算时间 ÷ 通信时间", ylabel="进程池用时 ÷ 循环用时")
    ax.minorticks_off()
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
