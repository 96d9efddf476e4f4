"""把权重衰减并进梯度（L2），Adam 还会按同一比例收缩权重吗？"""

import numpy as np

from training.optimizers.rules import adam, descend, sgd


def left(direction, noise: np.ndarray, rate: float, steps: int, **regularisation) -> np.ndarray:
    """数据对权重没有要求：梯度是正负相间的噪声，大小是 noise。权重从 1 出发，最后还剩多少？"""
    path = descend(
        direction,
        lambda w, t: noise * (-1) ** (t + 1),
        np.ones_like(noise),
        [rate] * steps,
        **regularisation,
    )
    return path[-1]


if __name__ == "__main__":
    noise, rate, strength, steps = np.array([100.0, 1.0, 0.01]), 0.01, 0.1, 1000
    print(f"学习率 {rate}，λ = {strength}，走 {steps} 步，梯度的大小：100、1、0.01")
    print(f"每步收缩同一比例，应剩 {(1 - rate * strength) ** steps:.2f}")
    for name, option in ("AdamW", "decay"), ("Adam 加 L2", "l2"):
        kept = left(adam, noise, rate, steps, **{option: strength})
        print(f"{name}：剩 " + "、".join(f"{abs(w):.2f}" for w in kept))
    gap = left(sgd, noise, rate, steps, l2=strength) - left(sgd, noise, rate, steps, decay=strength)
    print(f"SGD：两种写法的结果相差 {np.max(np.abs(gap)):.2f}")
