"""少数类学不好时，加权、欠采样、移阈值、补真数据，哪个改变了模型，哪个只换了取舍？"""

from functools import cache

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, recall_score

common, rare, ratio, splits = 800, 20, 40, 10  # 训练集和测试集里的非 8、8，两者之比，重复次数
read_once = cache(load_digits)  # scikit-learn 自带，8×8 像素，不用下载


def split(seed: int, extra: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """（训练像素, 训练标签, 测试像素, 测试标签）。训练集多给 extra 个真的 8，测试集不变。"""
    pixels, digits = read_once(return_X_y=True)
    labels, rng = (digits == 8).astype(int), np.random.default_rng(seed)
    others, rares = (rng.permutation(np.flatnonzero(labels == label)) for label in (0, 1))
    train = np.concatenate([others[:common], rares[rare : 2 * rare + extra]])
    test = np.concatenate([others[common : 2 * common], rares[:rare]])
    return pixels[train] / 16, labels[train], pixels[test] / 16, labels[test]


def fit(pixels: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None):
    """带 L2 的逻辑回归；牛顿法收敛到唯一的最优点。"""
    model = LogisticRegression(solver="newton-cholesky", tol=1e-10)
    return model.fit(pixels, labels, sample_weight=weights)


def remedies(seed: int):
    """逐个给出（名字，测试标签，是 8 的概率，阈值）。"""
    pixels, labels, test, truth = split(seed)
    plain = fit(pixels, labels).predict_proba(test)[:, 1]
    heavy = fit(pixels, labels, np.where(labels, ratio, 1)).predict_proba(test)[:, 1]
    balanced = fit(pixels[-2 * rare :], labels[-2 * rare :]).predict_proba(test)[:, 1]
    more = fit(*split(seed, extra=100)[:2]).predict_proba(test)[:, 1]
    yield "一律猜“不是 8”", truth, np.zeros(len(truth)), 0.5
    yield "不处理", truth, plain, 0.5
    yield f"8 的权重设为 {ratio}", truth, heavy, 0.5
    yield f"不加权，阈值降到 1/{ratio + 1}", truth, plain, 1 / (ratio + 1)
    yield f"欠采样，非 8 只留 {rare} 个", truth, balanced, 0.5
    yield "多给 100 个真的 8", truth, more, 0.5


if __name__ == "__main__":
    print(f"训练 {common} 个非 8、{rare} 个 8，测试同样多；换 {splits} 次划分取平均")
    scores: dict[str, list] = {}
    for seed in range(splits):
        for name, truth, probability, threshold in remedies(seed):
            chosen = probability > threshold
            scores.setdefault(name, []).append((accuracy_score(truth, chosen),
                *recall_score(truth, chosen, average=None),
                average_precision_score(truth, probability)))  # fmt: skip
    for name, values in scores.items():
        accuracy, common_recall, rare_recall, area = np.mean(values, axis=0)
        print(f"{name}：准确率 {accuracy:.1%}，非 8 召回 {common_recall:.0%}，"
              f"8 召回 {rare_recall:.1%}，PR-AUC {area:.2f}")  # fmt: skip
