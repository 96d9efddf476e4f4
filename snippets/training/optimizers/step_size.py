"""梯度一直不变时，各种优化器第 t 步走多远？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg


def step_sizes(gradient: float, learning_rate: float, t: np.ndarray) -> dict[str, np.ndarray]:
    """恒定梯度下的闭式解，忽略 ε；AdaGrad 的和从零开始，Adam 取默认的 β₁ = 0.9、β₂ = 0.999。"""
    m, v = 1 - 0.9**t, 1 - 0.999**t  # 滑动平均与真值之比，偏差修正把它除掉
    flat = np.ones_like(t)
    return {
        "SGD": learning_rate * gradient * flat,
        "Adam": learning_rate * flat,
        "Adam，不做偏差修正": learning_rate * m / np.sqrt(v),
        "AdaGrad": learning_rate / np.sqrt(t),
    }


def figure() -> str:
    fig, ax = canvas("step_size")
    t = np.geomspace(1, 10_000, 60)
    curves = step_sizes(gradient=3.0, learning_rate=0.1, t=t)
    for (name, steps), color in zip(curves.items(), ("#ab47bc", "#1e88e5", "#43a047", "#e65100")):
        ax.loglog(t, steps, color=color, label=name)
    ax.set(xlabel="第 t 步", ylabel="参数的减少量")
    ax.minorticks_off()
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
