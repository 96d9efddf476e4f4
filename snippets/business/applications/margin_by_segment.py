"""一个用户每月用多少个任务，三种收费办法各剩多少毛利率？（标准输出是一幅 SVG）"""

import numpy as np

from business.applications.heavy_users import AGENT_TASK_USD, break_even_tasks, fee_usd, segments
from business.applications.pricing import monthly_bill_usd, plans
from business.inference.margin import gross_margin
from index.figure import canvas, svg


def margin_percent(tasks: float, plan: tuple) -> float:
    return 100 * gross_margin(monthly_bill_usd(tasks, *plan), tasks * AGENT_TASK_USD)


def figure() -> str:
    fig, ax = canvas("margin_by_segment", height=4.4)
    tasks = np.geomspace(10, 5_000, 109)
    colors = {"包月": "#e65100", "按量": "#1e88e5", "含额度": "#43a047"}
    for layer, (name, color) in enumerate(colors.items()):
        margins = [margin_percent(n, plans[name]) for n in tasks]
        ax.plot(tasks, np.round(margins, 3), color=color, label=name, zorder=9 - layer)
    places = {"轻度": (4, -20), "中度": (6, 8), "重度": (-42, -4)}
    for name, (_, n) in segments.items():
        point = n, round(margin_percent(n, plans["包月"]), 3)
        ax.plot(*point, "o", color=colors["包月"], zorder=10)
        ax.annotate(name, point, places[name], textcoords="offset points")
    ax.axhline(0, color="black", linestyle="--", linewidth=0.8)
    even = round(break_even_tasks(fee_usd, AGENT_TASK_USD), 3)
    ax.axvline(even, color="black", linestyle=":", linewidth=0.8)
    ax.annotate(f"{even:.0f} 个任务，盈亏平衡", (even, -100), (-152, 0), textcoords="offset points")
    ticks = [10, 100, 1_000]
    ax.set(xscale="log", xlabel="每月任务数", ylabel="毛利率（%）", ylim=(-260, 115))
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    fig.legend(loc="outside upper center", ncols=3, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
