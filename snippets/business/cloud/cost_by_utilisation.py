"""利用率怎样决定一个 GPU 小时的成本？（标准输出是一幅 SVG）"""

import numpy as np

from business.cloud.gpu_hour import cost_usd_per_gpu_hour
from index.figure import canvas, svg

H100_MEDIAN_USD_PER_HOUR = 2.95


def figure() -> str:
    fig, ax = canvas("cost_by_utilisation")
    capex, cash, utilisation = 50_000, 0.50, np.linspace(0.3, 1, 57)  # 假设，与 gpu_hour.py 相同
    for life, color in ((3, "#1e88e5"), (4, "#e65100"), (5, "#43a047"), (6, "#ab47bc")):
        cost = [cost_usd_per_gpu_hour(capex, life, cash, used) for used in utilisation]
        ax.plot(100 * utilisation, np.round(cost, 3), color=color, label=f"寿命 {life} 年")
    ax.axhline(H100_MEDIAN_USD_PER_HOUR, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="利用率（%）", ylabel="美元/售出的 GPU 小时", ylim=(1, 8))
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
