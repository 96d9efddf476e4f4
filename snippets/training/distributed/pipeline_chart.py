"""图：四段流水线、八个微批，前向和反向怎样交替，空等在哪里？"""

from index.figure import canvas, colors, svg
from training.distributed.pipeline_schedule import one_f_one_b, timeline


def chart(stages: int, micro_batches: int) -> str:
    fig, ax = canvas("pipeline_chart", height=2.8)
    for (stage, kind, _), (start, end) in timeline(one_f_one_b, stages, micro_batches).items():
        color = colors["FB".index(kind)]
        ax.barh(stage, end - start - 0.12, left=start + 0.06, height=0.7, color=color)
    for kind, name in enumerate(("前向", "反向")):
        ax.bar(0, 0, color=colors[kind], label=name)
    ax.set(xlabel="时间（一次前向为 1）", yticks=range(stages))
    ax.set_yticklabels([f"第 {stage + 1} 段" for stage in range(stages)])
    ax.invert_yaxis()
    fig.legend(loc="outside upper right", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(chart(stages=4, micro_batches=8), end="")
