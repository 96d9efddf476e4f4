"""利用率怎样决定一百万 token 的成本，在哪里盈亏平衡？（标准输出是一幅 SVG）"""

import numpy as np

from business.inference.token_cost import (
    DEEPSEEK_V3_USD_PER_MTOK,
    SGLANG_DECODE_TOKENS_PER_S,
    break_even_utilisation,
    usd_per_mtok,
)
from index.figure import canvas, svg


def figure() -> str:
    fig, ax = canvas("token_cost_curve")
    node, speed, price = 16, SGLANG_DECODE_TOKENS_PER_S, DEEPSEEK_V3_USD_PER_MTOK[2]
    used = np.linspace(0.05, 1, 96)
    for name, tokens_per_s, color in (
        ("满载 22,282 token/s", speed, "#1e88e5"),
        ("吞吐减半", speed / 2, "#e65100"),
    ):
        cost = np.round([usd_per_mtok(node, tokens_per_s, u) for u in used], 3)
        ax.plot(100 * used, cost, color=color, label=name)
        even = round(100 * break_even_utilisation(node, tokens_per_s, price), 3)
        ax.plot(even, price, "o", color=color)
        ax.annotate(f"{even:.1f}%", (even, price), xytext=(5, 6), textcoords="offset points")
    ax.axhline(price, color="black", linestyle="--", linewidth=0.8, label="标价 1.10 美元")
    ax.set(xlabel="利用率（%）", ylabel="美元/百万输出 token", xlim=(0, 100), ylim=(0, 3))
    ax.legend(frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
