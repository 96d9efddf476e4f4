"""少等和公平，各种策略站在哪里？（标准输出是一幅 SVG）"""

from statistics import mean

from index.figure import canvas, svg
from infrastructure.scheduling.compare import groups, run_all
from infrastructure.scheduling.metrics import jain, running_share, wait_h


def figure() -> str:
    fig, ax = canvas("tradeoff")
    for name, tasks in run_all(gpus=64, checkpoint_h=1.0, restart_h=0.1).items():
        wait = round(mean(map(wait_h, tasks)), 3)
        fair = round(jain([running_share(group) for group in groups(tasks)]), 3)
        ax.plot(wait, fair, "o", color="#1e88e5")
        below = name in ("抢占加回填", "先到先得")  # 免得与旁边的字重叠
        place = {"xytext": (0, -19 if below else 7), "textcoords": "offset points"}
        ax.annotate(name, (wait, fair), ha="center", **place)
    ax.set(xscale="log", xlim=(0.1, 14), ylim=(0.62, 1.06))
    ax.set(xlabel="平均等待（小时，对数）", ylabel="公平指数")
    ax.set_xticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.minorticks_off()
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
