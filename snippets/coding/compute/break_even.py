"""单个任务要多重，进程池才追得上循环？（标准输出是一幅 SVG）"""

import io

import matplotlib.pyplot as plt
import numpy as np


def pool_over_loop(compute_over_communication, workers: int):
    """大量任务时，进程池用时 ÷ 循环用时 = c/t + 1/p，自变量是 t/c（无量纲）。"""
    return 1 / compute_over_communication + 1 / workers


def figure() -> str:
    plt.rcParams.update(
        {"svg.fonttype": "none", "font.size": 13, "svg.hashsalt": "break_even"}
    )  # 文字可选，编号固定
    fig, ax = plt.subplots(figsize=(6.4, 3.6), layout="constrained")
    ratio = np.logspace(-1, 3, 50)
    for workers, color in ((2, "#1e88e5"), (4, "#e65100"), (16, "#43a047")):
        ax.loglog(ratio, pool_over_loop(ratio, workers), color=color, label=f"{workers} 个进程")
    ax.axhline(1, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="单个任务：计算时间 ÷ 通信时间", ylabel="进程池用时 ÷ 循环用时")
    ax.minorticks_off()
    ax.legend(frameon=False)
    svg = io.StringIO()
    fig.savefig(svg, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(fig)
    return svg.getvalue()[svg.getvalue().index("<svg") :]


if __name__ == "__main__":
    print(figure(), end="")
