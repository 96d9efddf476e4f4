"""训练越久越好吗？训练损失和验证损失在哪里分手？（标准输出是一幅 SVG）"""

import numpy as np

from index.figure import canvas, svg

noise = 0.5


def noisy_line(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """x 有 40 维，y 只等于第一维，另加标准差为 noise 的噪声。"""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(samples, 40))
    return x, x[:, 0] + noise * rng.normal(size=samples)


def descend(train, validation, steps: int, rate: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """线性回归的全批量梯度下降，返回每一步更新前的（训练，验证）均方误差。"""
    (x, y), w, losses = train, np.zeros(train[0].shape[1]), []
    for _ in range(steps):
        losses.append([np.mean((a @ w - b) ** 2) for a, b in (train, validation)])
        w = w - rate * 2 * x.T @ (x @ w - y) / len(x)
    return tuple(np.array(losses).T)


def best_and_stop(losses, patience: int) -> tuple[int, int]:
    """提前停止的规则：(损失最低的轮次, 停下的轮次)，从 1 数起。

    连续 patience 轮没有新低就停；一直有新低，就停在最后一轮。patience 不是正数时抛出 ValueError。
    """
    if patience < 1:
        raise ValueError(f"patience 至少是 1，收到 {patience}")
    best = 1
    for epoch, loss in enumerate(losses, 1):
        if loss < losses[best - 1]:
            best = epoch
        if epoch - best >= patience:
            return best, epoch
    return best, len(losses)


def figure() -> str:
    fig, ax = canvas("overfitting", height=4.2)
    curves = descend(noisy_line(60, seed=0), noisy_line(2000, seed=1), steps=300)
    training, validation = (curve.round(3) for curve in curves)
    step = np.arange(1, 301)
    ax.semilogx(step, training, color="#1e88e5", label="训练损失")
    ax.semilogx(step, validation, color="#e65100", label="验证损失")
    best, stop = best_and_stop(curves[1], patience=20)
    ax.plot(best, validation[best - 1], "o", color="#e65100", label="最低点：取回这里的权重")
    ax.plot(stop, validation[stop - 1], "s", color="#ab47bc", label="耐心 20 次用完：停")
    ax.axhline(noise**2, color="black", linestyle="--", linewidth=0.8, label="噪声的方差")
    ax.set(xlabel="更新次数", ylabel="均方误差", ylim=(0, None))
    ax.minorticks_off()
    fig.legend(loc="outside upper center", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
