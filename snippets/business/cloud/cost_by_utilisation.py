"""利用率怎样决定一个 GPU 小时的成本？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg

H100_MEDIAN_USD_PER_HOUR = 2.95


def cost_usd_per_gpu_hour(utilisation, life_years: float, capex_usd=50_000, cash_usd_per_hour=0.5):
    """(折旧 + 现金成本) ÷ 利用率，与 gpu_hour.py 相同，无残值，不计利息。"""
    return (capex_usd / (life_years * 8_760) + cash_usd_per_hour) / utilisation


def figure() -> str:
    fig, ax = canvas("cost_by_utilisation")
    utilisation = np.linspace(0.3, 1, 57)
    for life, color in ((3, "#1e88e5"), (4, "#e65100"), (5, "#43a047"), (6, "#ab47bc")):
        cost = np.round(cost_usd_per_gpu_hour(utilisation, life), 3)
        ax.plot(100 * utilisation, cost, color=color, label=f"寿命 {life} 年")
    ax.axhline(H100_MEDIAN_USD_PER_HOUR, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="利用率（%）", ylabel="美元/售出的 GPU 小时", ylim=(1, 8))
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
