"""价格和成本各降各的，毛利率会走到哪里？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg


def margin_after(margin: float, price_decline: float, cost_decline: float, years):
    """与 price_decline.py 相同的公式；years 可以是数组。"""
    return 1 - (1 - margin) * ((1 - cost_decline) / (1 - price_decline)) ** years


def figure() -> str:
    fig, ax = canvas("margin_by_year", height=4.2)
    years = np.linspace(0, 6, 61)
    cases = [
        ("应用，token 降价更快", 0.60, 0.0, 0.25, "#43a047"),
        ("接口", 0.85, 0.50, 0.30, "#1e88e5"),
        ("应用，用量涨得更快", 0.60, 0.0, -0.50, "#ab47bc"),
        ("云", 0.30, 0.20, 0.0, "#e65100"),
    ]
    for name, margin, price_decline, cost_decline, color in cases:
        curve = np.round(100 * margin_after(margin, price_decline, cost_decline, years), 3)
        ax.plot(years, curve, color=color, label=name)
    ax.axhline(0, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="年", ylabel="毛利率（%）", ylim=(-60, 100))
    fig.legend(loc="outside upper center", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
