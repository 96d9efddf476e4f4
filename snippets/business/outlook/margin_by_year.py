"""价格和成本各降各的，毛利率会走到哪里？（标准输出是一幅 SVG）"""

import io

import matplotlib.pyplot as plt
import numpy as np


def margin_after(margin: float, price_decline: float, cost_decline: float, years):
    """与 price_decline.py 相同的公式；years 可以是数组。"""
    return 1 - (1 - margin) * ((1 - cost_decline) / (1 - price_decline)) ** years


def figure() -> str:
    plt.rcParams.update({"svg.fonttype": "none", "font.size": 13, "svg.hashsalt": "margin_by_year"})
    fig, ax = plt.subplots(figsize=(6.4, 4.2), layout="constrained")
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
    svg = io.StringIO()
    fig.savefig(svg, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(fig)
    return svg.getvalue()[svg.getvalue().index("<svg") :]


if __name__ == "__main__":
    print(figure(), end="")
