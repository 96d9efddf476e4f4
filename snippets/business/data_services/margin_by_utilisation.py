"""嵌入的毛利率怎样随利用率和价格变化？（标准输出是一幅 SVG）"""

import numpy as np

from business.data_services.embedding_margin import cost_usd_per_mtok
from business.inference.margin import gross_margin
from index.figure import canvas, svg

EMBEDDING_USD_PER_MTOK = 0.02
PERPLEXITY_EMBED_USD_PER_MTOK = 0.004
H100_MEDIAN_USD_PER_HOUR = 2.95


def margin_percent(price_usd: float, utilisation) -> np.ndarray:
    """各利用率下的毛利率（%），模型大小和速度的假设与 embedding_margin.py 相同。"""
    cost = [cost_usd_per_mtok(0.3e9, 100e12, H100_MEDIAN_USD_PER_HOUR, u) for u in utilisation]
    return np.round([100 * gross_margin(price_usd, usd) for usd in cost], 3)


def figure() -> str:
    fig, ax = canvas("margin_by_utilisation", height=4)
    utilisation = np.linspace(0.1, 1, 73)
    for name, price, color in (
        ("标价 0.02 美元", EMBEDDING_USD_PER_MTOK, "#43a047"),
        ("降价一半", EMBEDDING_USD_PER_MTOK / 2, "#1e88e5"),
        ("降到 0.004 美元", PERPLEXITY_EMBED_USD_PER_MTOK, "#e65100"),
    ):
        ax.plot(100 * utilisation, margin_percent(price, utilisation), color=color, label=name)
    ax.axhline(0, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="利用率（%）", ylabel="毛利率（%）", ylim=(-150, 100))
    fig.legend(loc="outside upper center", ncols=3, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
