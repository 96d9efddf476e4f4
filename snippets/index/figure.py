"""一幅图怎样在深浅两种主题里都看得清，每次画出来一字不差？（标准输出是一幅 SVG）"""

import io
import re

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

colors = ("#1e88e5", "#e65100", "#43a047", "#ab47bc")
backgrounds = {"浅色背景": "#ffffff", "深色背景": "#1e2129"}


def canvas(name: str, width: float = 6.4, height: float = 3.6):
    """返回 (fig, ax)。字留给浏览器排版，黑色由网页换成主题的颜色；name 让每幅图的内部编号各不相同。"""
    plt.rcParams.update({"svg.fonttype": "none", "font.size": 13, "svg.hashsalt": name})
    return plt.subplots(figsize=(width, height), layout="constrained")


def svg(fig) -> str:
    """画完的图：透明背景，不写日期和版本，从 <svg 开始；坐标留一位小数，看不出差别，文件小一成多。"""
    text = io.StringIO()
    fig.savefig(text, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(fig)
    whole = text.getvalue()[text.getvalue().index("<svg") :]
    return re.sub(r' (?:d|x|y|transform)="[^"]+"', shorten, whole)


def shorten(attribute: re.Match) -> str:
    """只改坐标：写在图上的 0.02、透明度、线宽都不动。"""
    return re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", attribute[0])


def contrast(color: str, background: str) -> float:
    """WCAG 2 的对比度，1 到 21；图形至少要 3。"""
    linear = ([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(x)]
              for x in (color, background))  # fmt: skip
    dark, light = sorted(0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in linear)
    return (light + 0.05) / (dark + 0.05)


def figure() -> str:
    fig, ax = canvas("figure", height=2.8)
    for row, background in enumerate(backgrounds.values()):
        for i, color in enumerate(colors):
            value = round(contrast(color, background), 2)
            ax.barh(row + 0.2 * i - 0.3, value, height=0.17, color=color)
    ax.axvline(3, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="四种颜色的对比度", yticks=range(2), yticklabels=backgrounds)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
