"""同样多的节点、同样忙，合成一个池要少等多久？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg
from infrastructure.scheduling.erlang import wait_over_run


def figure() -> str:
    fig, ax = canvas("pooling")
    loads = np.linspace(0.3, 0.97, 60)
    for nodes, color in ((1, "#e65100"), (4, "#1e88e5"), (16, "#43a047")):
        waits = [wait_over_run(load, nodes) for load in loads]
        ax.semilogy(loads * 100, waits, color=color, label=f"每个池 {nodes} 个节点")
    ax.set(xlabel="负载（%）", ylabel="平均等待 ÷ 平均运行时长", ylim=(1e-3, 40))
    ax.minorticks_off()
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
