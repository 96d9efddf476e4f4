"""验证损失不再下降就停，省多少轮？等得太短会怎样？"""

import numpy as np

from training.energy.digit_images import digits
from training.energy.digit_network import log_softmax


def mislabel(y: np.ndarray, share: float) -> np.ndarray:
    """其中 share 的标签改成下一个数字。"""
    return np.where(np.random.default_rng(1).random(len(y)) < share, (y + 1) % 10, y)


def validation_losses(epochs: int, x, y, valid_x, valid_y) -> np.ndarray:
    """随机 ReLU 特征上的 softmax 回归，小批量 50，每轮之后的验证损失。"""
    rng = np.random.default_rng(0)
    project = rng.normal(size=(64, 256)) / 8
    x, valid_x = (np.maximum(pixels @ project, 0) for pixels in (x, valid_x))
    w, losses = np.zeros((256, 10)), []
    for _ in range(epochs):
        for rows in rng.permutation(len(y)).reshape(-1, 50):
            error = np.exp(log_softmax(x[rows] @ w)) - np.eye(10)[y[rows]]
            w -= 0.5 * x[rows].T @ error / len(rows)
        losses.append(-log_softmax(valid_x @ w)[np.arange(len(valid_y)), valid_y].mean())
    return np.array(losses)


def stop_after(losses, patience: int) -> int:
    """跑了几轮：连续 patience 轮（至少 1，否则抛出 ValueError）没有比最好的更低就停。"""
    if patience < 1:
        raise ValueError(f"patience 至少是 1，收到 {patience}")
    best = 0
    for epoch, loss in enumerate(losses):
        if loss < losses[best]:
            best = epoch
        elif epoch - best == patience:
            return epoch + 1
    return len(losses)


if __name__ == "__main__":
    (x, y), valid = digits()
    few = (part[:200] for part in valid)
    losses = validation_losses(150, x[:300], mislabel(y[:300], 0.2), *few)
    print("300 张训练图，假设两成标签是错的；最多 150 轮")
    for patience in (1, 10, 150):
        ran = stop_after(losses, patience)
        print(f"耐心 {patience:>3}：跑 {ran:>3} 轮，最好一轮的损失 {losses[:ran].min():.2f}")
    print(f"跑满，用最后一轮：损失 {losses[-1]:.2f}")
