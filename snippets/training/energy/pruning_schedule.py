"""同样的稀疏度、同样的微调步数，一次剪到位，还是边训边剪？"""

import numpy as np

from business.inference.limits import share
from training.energy.digit_images import digits
from training.energy.digit_network import accuracy, initial, train


def largest(kernel: np.ndarray, fraction: float) -> np.ndarray:
    """掩码：绝对值最小的 fraction 是 False。

    fraction 不在 [0, 1) 内时抛出 ValueError：等于 1 就是清空模型。
    """
    if not 0 <= fraction < 1:
        raise ValueError(f"fraction 必须在 [0, 1) 内，收到 {fraction}")
    return np.abs(kernel) >= np.quantile(np.abs(kernel), fraction)


def cubic(progress: float, final: float) -> float:
    """进度（0 到 1）对应的稀疏度，先剪得快，后剪得慢（Zhu 与 Gupta，从零开始剪）。"""
    share(progress=progress, final=final)
    return final * (1 - (1 - progress) ** 3)


def pruner(sparsity):
    """每次更新之后：剪过的重新归零，再逐层剪到 sparsity(进度)。偏置不剪。"""
    masks = []

    def after(weights, progress):
        if masks:
            weights = [part * mask for part, mask in zip(weights, masks)]
        # 零总是最小的，所以剪过的还会被剪
        masks[:] = [largest(w, sparsity(progress)) if w.ndim == 2 else 1 for w in weights]
        return [part * mask for part, mask in zip(weights, masks)]

    return after


def gradual(final: float):
    """前七成步数按三次曲线剪到 final，之后不再剪，只微调。"""
    return lambda progress: cubic(min(1, progress / 0.7), final)


if __name__ == "__main__":
    (x, y), test = digits()
    targets = np.eye(10)[y]
    dense = train(initial(128), x, targets, epochs=8)
    print(f"剪之前：准确率 {accuracy(dense, *test):.0%}")
    for name, sparsity in (("一次剪到位", lambda _: 0.96), ("按三次曲线", gradual(0.96))):
        pruned = train(dense, x, targets, epochs=8, after=pruner(sparsity))
        zeros = np.mean(np.concatenate([w.ravel() for w in pruned[::2]]) == 0)
        print(f"{name}，剪掉 {zeros:.0%}，微调 8 轮：准确率 {accuracy(pruned, *test):.0%}")
