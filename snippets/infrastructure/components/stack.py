"""大模型基础设施有哪几层，谁支撑谁？（标准输出是一幅 SVG）"""

from matplotlib.patches import Rectangle

from index.figure import canvas, svg

layers = [  # 从下到上：名称、做什么、颜色
    ("电力与散热", "供电、冷却、机房", "#ab47bc"),
    ("加速器", "矩阵乘法与显存", "#1e88e5"),
    ("机内互联", "scale-up：一台服务器之内", "#1e88e5"),
    ("机间网络", "scale-out：机架之间", "#1e88e5"),
    ("存储", "训练数据与检查点", "#43a047"),
    ("数据", "采集、去重、配比、分词", "#43a047"),
    ("调度", "谁在什么时候用哪些卡", "#e65100"),
    ("训练与推理服务", "框架、引擎、接口", "#e65100"),
]


def figure() -> str:
    fig, ax = canvas("stack", height=4.6)
    ax.set(xlim=(0, 100), ylim=(0, len(layers)))
    ax.axis("off")
    for level, (name, job, color) in enumerate(layers):
        ax.add_patch(box(0, level, 82, color))
        ax.text(2, level + 0.5, name, va="center")
        ax.text(34, level + 0.5, job, va="center", fontsize=11)
    ax.add_patch(box(85, 0, 15, "#ab47bc", height=len(layers)))
    for line, word in enumerate(("运维", "监控", "排障", "安全")):  # 它贯穿每一层
        ax.text(92.5, len(layers) / 2 + 1.2 - 0.8 * line, word, ha="center", va="center")
    return svg(fig)


def box(x: float, y: float, width: float, color: str, height: float = 1) -> Rectangle:
    """淡色底、同色边，上下留缝；深色和浅色主题下字都看得清。"""
    return Rectangle((x, y + 0.06), width, height - 0.12, facecolor=(color, 0.18), edgecolor=color)


if __name__ == "__main__":
    print(figure(), end="")
