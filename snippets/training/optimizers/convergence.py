"""学习率都调好之后，六种优化器的损失怎样下降？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, colors, svg
from training.optimizers.compare import corpus, loss, tune
from training.optimizers.rules import optimizers

dashes = dict(zip(optimizers, ("-", "--", "-", "--", "-", "--")))
hues = dict(zip(optimizers, np.repeat([colors[3], colors[1], colors[0]], 2)))


def figure() -> str:
    fig, ax = canvas("convergence", height=4.2)
    x, y, _ = corpus(4096, 200, 0.1, seed=0)
    t = np.arange(0, 129, 4)
    for name in optimizers:
        best, path = tune(name, x, y, np.ones(128))
        losses = np.round([loss(w, x, y) for w in path[t]], 3)
        ax.semilogy(t, losses, dashes[name], color=hues[name], label=f"{name}，{best}")
    ax.axhline(0.1**2, color="black", linestyle=":", linewidth=0.8)
    ax.set(
        xlabel="更新次数", ylabel="损失", yticks=[0.01, 0.1, 1], yticklabels=["0.01", "0.1", "1"]
    )
    ax.minorticks_off()
    ax.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
