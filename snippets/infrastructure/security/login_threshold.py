"""门槛定高一次，误报少多少？平时的次数估错了，又多多少？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, colors, svg
from infrastructure.security.login_burst import tail


def figure() -> str:
    fig, ax = canvas("login_threshold")
    limits = range(1, 13)
    for mean, color in ((0.5, colors[0]), (1, colors[2]), (2, colors[1])):
        alarms = [tail(mean, limit) * 30 * 1440 for limit in limits]
        shown = [limit for limit in limits if alarms[limit - 1] >= 0.01]
        heights = 10 ** np.round(np.log10(alarms[: len(shown)]), 3)
        ax.plot(shown, heights, "o-", color=color, label=f"平均每分钟 {mean} 次")
    ax.axhline(1, color="black", linestyle="--", linewidth=0.8)
    ax.set(yscale="log", ylim=(0.01, 60_000), xticks=limits)
    ax.set(xlabel="一分钟满几次才报警", ylabel="30 天误报（次）")
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
