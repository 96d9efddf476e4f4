"""加权、欠采样和补真数据，各把 PR 曲线移到哪里？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, colors, svg
from training.data_skew.rare_digit import common, rare, remedies, splits


def precision_at_each_rare(probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """从最像 8 的数起，数到第 k 个真的 8 时的精确率，k = 1、2、……。平均值就是 PR-AUC。"""
    ranks = 1 + np.flatnonzero(truth[np.argsort(-probability, kind="stable")])
    return np.arange(1, len(ranks) + 1) / ranks


def figure() -> str:
    curves: dict[str, list] = {}
    for seed in range(splits):
        for name, truth, probability, _ in remedies(seed):
            curves.setdefault(name, []).append(precision_at_each_rare(probability, truth))
    _, plain, heavy, _, few, more = curves
    fig, ax = canvas("pr_curve", height=4.2)
    recall = np.arange(1, rare + 1) / rare
    for name, color in zip((more, plain, heavy, few), colors):
        ax.plot(recall, np.round(np.mean(curves[name], axis=0), 3), color=color, label=name)
    ax.axhline(rare / (common + rare), color="black", linestyle="--", linewidth=0.8, label="随便猜")
    ax.set(xlabel="召回率", ylabel="精确率", xlim=(0, 1), ylim=(0, 1.02))
    ax.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.4, 1), ncols=2)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
