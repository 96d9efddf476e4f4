"""检查点隔多久写一次最省钱？（标准输出是一幅 SVG）"""

import numpy as np

from business.training_cost.failure_bill import failure_usd_per_day, mtbf_s, usd_per_day
from index.figure import canvas, svg
from infrastructure.performance.checkpoint_interval import best_interval


def figure() -> str:
    fig, ax = canvas("checkpoint_bill")
    minutes = np.round(np.geomspace(1, 120, 80), 3)
    for save_s, color in ((60, "#e65100"), (5, "#1e88e5")):
        bill = [failure_usd_per_day(usd_per_day, mtbf_s, 60 * m, save_s) for m in minutes]
        ax.plot(minutes, np.round(bill, 3) / 1e4, color=color, label=f"写一次 {save_s} 秒")
        best_s = best_interval(mtbf_s, save_s)
        lowest = failure_usd_per_day(usd_per_day, mtbf_s, best_s, save_s)
        ax.plot(round(best_s / 60, 3), round(lowest / 1e4, 3), "o", color=color)
    ax.set(xscale="log", xticks=(1, 3, 10, 30, 120), xticklabels=(1, 3, 10, 30, 120))
    ax.minorticks_off()
    ax.set(xlabel="检查点间隔（分钟）", ylabel="每天赔掉（万美元）", ylim=(0, 30))
    ax.legend(frameon=False, loc="upper center")
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
