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


def figure() -> str:
    fig, ax = canvas("overfitting", height=4.2)
    curves = descend(noisy_line(60, seed=0), noisy_line(2000, seed=1), steps=300)
    training, validation = (curve.round(3) for curve in curves)
    step = np.arange(1, 301)
    ax.semilogx(step, training, color="#1e88e5", label="训练损失")
    ax.semilogx(step, validation, color="#e65100", label="验证损失")
    best = int(validation.argmin())
    ax.plot(step[best], validation[best], "o", color="#e65100", label="验证损失最低，在这里停")
    ax.axhline(noise**2, color="black", linestyle="--", linewidth=0.8, label="噪声的方差")
    ax.set(xlabel="更新次数", ylabel="均方误差", ylim=(0, None))
    ax.minorticks_off()
    fig.legend(loc="outside upper center", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
