"""梯度一直不变时，各种优化器第 t 步走多远？（标准输出是一幅 SVG）"""

from functools import partial

import numpy as np

from index.figure import canvas, svg
from training.optimizers.rules import adagrad, adam, descend, sgd

curves = {
    "SGD": (sgd, "#ab47bc"),
    "Adam": (adam, "#1e88e5"),
    "Adam，不做偏差修正": (partial(adam, correct=False), "#43a047"),
    "AdaGrad": (adagrad, "#e65100"),
}


def steps(direction, gradients, rate: float) -> np.ndarray:
    """给定一串梯度，返回参数逐步的减少量。"""
    return -np.diff(descend(direction, lambda w, t: gradients[t - 1], 0.0, [rate] * len(gradients)))


def figure() -> str:
    fig, ax = canvas("step_size")
    t = np.unique(np.geomspace(1, 10_000, 60).round().astype(int))
    for name, (direction, color) in curves.items():
        size = steps(direction, [3.0] * t[-1], rate=0.1)[t - 1]
        ax.loglog(t, np.round(size, 6), color=color, label=name)
    ax.set(xlabel="第 t 步", ylabel="参数的减少量")
    ax.minorticks_off()
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
