"""同一张 H100，解码、攒批、预填充各落在屋顶线的哪里？（标准输出是一幅 SVG）"""

import numpy as np

from business.inference.roofline import H100_BF16_TFLOPS, H100_TB_PER_S
from index.figure import canvas, svg
from infrastructure.performance.roofline import attainable, ridge


def figure() -> str:
    fig, ax = canvas("roofline_figure")
    limits = H100_BF16_TFLOPS, H100_TB_PER_S  # TFLOP/s、TB/s：每字节的 FLOP 单位相消
    corner = ridge(*limits)
    line = np.array([0.5, corner, 4_096])
    ax.loglog(line, np.round([attainable(x, *limits) for x in line], 3), color="black")
    # bf16 的权重每个两字节，每列做一次乘加：每字节的 FLOP 约等于一起乘的列数
    for name, columns, color in (
        ("解码，批 1", 1, "#e65100"),
        ("解码，批 32", 32, "#1e88e5"),
        ("预填充 2,048 个 token", 2_048, "#43a047"),
    ):
        height = round(attainable(columns, *limits), 3)
        ax.plot(columns, height, "o", color=color, markersize=9, label=name)
    ax.axvline(corner, color="black", linestyle=":", linewidth=0.8)
    ax.set(xlabel="每字节的 FLOP", ylabel="TFLOP/s 的上限", ylim=(1, 2_000))
    ax.set_xticks([1, 10, 100, 1_000], ["1", "10", "100", "1,000"])
    ax.set_yticks([1, 10, 100, 1_000], ["1", "10", "100", "1,000"])
    ax.legend(frameon=False, loc="lower right")
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
