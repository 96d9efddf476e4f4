"""负载越高，按时完成的请求越多吗？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg


def goodput(load, slo):
    """按时完成的请求 ÷ 服务能力。load 是到达率 ÷ 服务能力，slo 是时限 ÷ 平均服务时间。

    M/M/1 排队的响应时间服从指数分布，按时的概率是 1 − e^(−(1 − load)·slo)。
    """
    return load * (1 - np.exp(-(1 - load) * slo))


def figure() -> str:
    fig, ax = canvas("goodput_curve")
    load = np.linspace(0, 1, 101)
    ax.plot(load, load, color="black", linestyle="--", linewidth=0.8, label="throughput")
    for slo, color in ((20, "#43a047"), (5, "#1e88e5"), (2, "#e65100")):
        ax.plot(load, goodput(load, slo), color=color, label=f"goodput，时限 {slo} 倍")
    ax.set(xlabel="到达率 ÷ 服务能力", ylabel="完成的请求 ÷ 服务能力", ylim=(0, 1))
    ax.legend(frameon=False, loc="upper left")
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
