"""服务得越多，压缩越值：省下的比例随服务量怎样变化？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg
from training.energy.lifetime import total_saving


def figure() -> str:
    fig, ax = canvas("lifetime_curve")
    ratio = np.logspace(-2, 3, 60)
    for saving, color in ((0.75, "#1e88e5"), (0.5, "#e65100")):
        curve = [100 * total_saving(served, saving) for served in ratio]
        ax.semilogx(ratio, curve, color=color, label=f"推理省 {saving:.0%}")
        ax.axhline(100 * saving, color=color, linestyle=":", linewidth=0.8)
    ax.axvline(3, color="black", linestyle="--", linewidth=0.8, label="推理与训练相当")
    ax.set(xlabel="服务的 token 数 ÷ 训练的 token 数", ylabel="总运算省下的百分比", ylim=(0, 100))
    ax.minorticks_off()
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
