"""租价每年跌得不同，一张卡几年回本，还回不回得了本？（标准输出是一幅 SVG）"""

import numpy as np

from business.cloud.lifetime import lifetime_cash_usd
from index.figure import canvas, svg

H100_MEDIAN_USD_PER_HOUR = 2.95


def cumulative_kusd(years, decline: float) -> np.ndarray:
    """从买卡那天起累计的净现金（千美元），假设与 lifetime.py 相同。"""
    card = {"capex_usd": 50_000, "price_usd_per_hour": H100_MEDIAN_USD_PER_HOUR}
    card |= {"cash_usd_per_hour": 0.50, "utilisation": 0.8, "decline_per_year": decline}
    return np.round([lifetime_cash_usd(life_years=year, **card) / 1e3 for year in years], 3)


def figure() -> str:
    fig, ax = canvas("cash_by_year")
    years = np.linspace(0, 6, 49)
    colors = ("#43a047", "#1e88e5", "#ab47bc", "#e65100")
    for decline, color in zip((0.0, 0.1, 0.2, 0.5), colors):
        ax.plot(years, cumulative_kusd(years, decline), color=color, label=f"每年跌 {decline:.0%}")
    ax.axhline(0, color="black", linestyle="--", linewidth=0.8)
    ax.set(xlabel="买卡之后的年数", ylabel="每张卡累计净现金（千美元）", ylim=(-52, 50))
    ax.legend(frameon=False, loc="upper left")
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
