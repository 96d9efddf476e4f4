"""同一个模型的两份 trace 画出来是什么样？空档在哪里，在等谁？（标准输出是一幅 SVG）"""

from index.figure import canvas, colors, svg
from training.evaluation.step_trace import lanes, record


def figure() -> str:
    fig, ax = canvas("timeline", height=4.4)
    panels = (("改之后", True, True), ("改之前", False, False))
    labels, heights = [], []
    for row, (name, prefetch, overlap) in enumerate(panels):
        events = record(4, prefetch, overlap)
        for i, lane in enumerate(lanes):
            height = 4 * row + len(lanes) - 1 - i
            spans = [(e["ts"] / 1e3, e["dur"] / 1e3) for e in events if e["cat"] == lane]
            color = dict(zip(lanes, colors))[lane]
            ax.broken_barh(spans, (height - 0.35, 0.7), color=color, edgecolor="none")
            for start, duration in spans:  # 每段留一条缝，才数得出几段
                ax.plot([start + duration] * 2, [height - 0.35, height + 0.35], "k", linewidth=0.8)
            labels.append(f"{name}：{lane}")
            heights.append(height)
    ax.set(xlabel="时间（ms）", yticks=heights, yticklabels=labels, xlim=(0, 100))
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
