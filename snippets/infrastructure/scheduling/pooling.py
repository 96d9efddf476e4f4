"""同样多的节点、同样忙，合成一个池要少等多久？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg


def wait_over_run(load: float, nodes: int) -> float:
    """平均等待 ÷ 平均运行时长（无量纲），按 M/M/c 排队的 Erlang C 公式。

    load 是每个节点的负载，要在 0 与 1 之间（不含），否则抛出 ValueError。
    """
    if not 0 < load < 1:
        raise ValueError(f"load 必须大于 0 且小于 1，收到 {load}")
    blocked = 1.0  # Erlang B 的递推，数值上比直接算阶乘稳
    for k in range(1, nodes + 1):
        blocked = load * nodes * blocked / (k + load * nodes * blocked)
    must_wait = blocked / (1 - load * (1 - blocked))
    return must_wait / (nodes * (1 - load))


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
