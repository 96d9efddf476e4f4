"""钱和停机各落在哪一层？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, colors, svg
from infrastructure.components.cost_share import H100_CLUSTER_16384_KUSD, layer_shares
from infrastructure.components.failure_share import share, stops_by_layer

# 停机归到成本表的三项；软件和不明不在成本表里
groups = {
    "服务器": ("加速器", "主机", "存储（本机盘）"),
    "机间网络": ("机间网络",),
    "机房与运维": ("电力与散热", "运维（计划外维护）"),
    "训练软件": ("训练软件",),
    "不明": ("不明",),
}


def percents() -> dict[str, tuple[float, float]]:
    """每一组的（成本占比，停机占比），百分数。"""
    cost, total = layer_shares(*H100_CLUSTER_16384_KUSD), sum(stops_by_layer.values())
    return {
        group: (
            100 * cost.get(group, 0.0),
            100 * share(sum(stops_by_layer[layer] for layer in layers), total),
        )
        for group, layers in groups.items()
    }


def figure() -> str:
    fig, ax = canvas("layer_share", height=4.2)
    rows = np.arange(len(groups))[::-1]  # 第一组在最上面
    for i, label in enumerate(("成本", "意外停机")):
        values = np.round([pair[i] for pair in percents().values()], 3)
        offset = 0.19 - 0.38 * i
        ax.barh(rows + offset, values, height=0.36, color=colors[i], label=label)
        for row, value in zip(rows, values):
            text = f"{value:.1f}" if value else "成本表不含"
            ax.text(value + 1, row + offset, text, va="center", fontsize=11)
    ax.set(xlabel="占比（%）", xlim=(0, 100), yticks=rows, yticklabels=list(groups))
    ax.legend(loc="lower right", frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
