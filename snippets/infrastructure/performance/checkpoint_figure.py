"""检查点写得太勤、太疏各丢多少？公式和模拟画在一起。（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg
from infrastructure.performance.availability import (
    LLAMA3_SNAPSHOT_DAYS,
    LLAMA3_UNEXPECTED_STOPS,
    mtbf_hours,
)
from infrastructure.performance.checkpoint_interval import best_interval, lost_share
from infrastructure.performance.checkpoint_simulation import exact_loss, simulated_loss


def figure() -> str:
    fig, ax = canvas("checkpoint_figure")
    mtbf_s = mtbf_hours(LLAMA3_SNAPSHOT_DAYS, LLAMA3_UNEXPECTED_STOPS) * 3_600
    gaps = np.random.default_rng(0).exponential(mtbf_s, 100_000)
    minutes, tried = np.round(np.geomspace(1, 240, 60), 3), (2, 5, 15, 45, 120)
    for save_s, color in ((60, "#e65100"), (20, "#1e88e5"), (5, "#43a047")):
        exact = [100 * exact_loss(60 * t, mtbf_s, save_s) for t in minutes]
        ax.semilogx(minutes, np.round(exact, 3), color=color, label=f"写一次 {save_s} 秒")
        dots = [100 * simulated_loss(gaps, 60 * t, save_s) for t in tried]
        ax.plot(tried, np.round(dots, 3), "o", color=color)
        best = best_interval(mtbf_s, save_s)
        ax.plot(best / 60, round(100 * exact_loss(best, mtbf_s, save_s), 3), "kv", markersize=8)
    first = [100 * lost_share(60 * t, mtbf_s, 20) for t in minutes]
    ax.plot(minutes, np.round(first, 3), "k--", linewidth=0.8, label="一阶近似，20 秒")
    ax.set(xlabel="检查点间隔（分钟）", ylabel="损失的时间（%）", ylim=(0, 60))
    ax.set_xticks([1, 3, 10, 30, 100], ["1", "3", "10", "30", "100"])
    ax.minorticks_off()
    ax.legend(frameon=False, loc="upper center")
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
