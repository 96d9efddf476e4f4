"""价格和成本各降各的，毛利率会走到哪里？（标准输出是一幅 SVG）"""

import numpy as np

from business.outlook.price_decline import cases, margin_after
from index.figure import canvas, svg

styles = {
    "应用，用量涨得慢": ("应用：月费不变，用量每年涨到 1.5 倍", "#43a047"),
    "接口": ("接口：换新卡、改进软件", "#1e88e5"),
    "应用，用量涨得快": ("应用：月费不变，用量每年涨到 3 倍", "#ab47bc"),
    "云": ("云：卡已买下，成本不变", "#e65100"),
}


def figure() -> str:
    fig, ax = canvas("margin_by_year", height=4.2)
    years = np.linspace(0, 6, 61)
    for label, (case, color) in styles.items():
        curve = [100 * margin_after(*cases[case], year) for year in years]
        ax.plot(years, np.round(curve, 3), color=color, label=label)
    ax.axhline(0, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="年", ylabel="毛利率（%）", ylim=(-60, 100))
    fig.legend(loc="outside upper center", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
