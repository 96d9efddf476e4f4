"""下面的压缩和早停都用的手写数字：多少张，长什么样？"""

import numpy as np
from sklearn.datasets import load_digits


def digits():
    """scikit-learn 自带，不用下载。返回（训练，测试），各是（像素 0 到 1，标签）。"""
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    x, y = pixels[order] / 16, labels[order]
    return (x[:1200], y[:1200]), (x[1200:], y[1200:])


if __name__ == "__main__":
    (x, y), (test_x, _) = digits()
    print(f"训练 {len(x):,} 张，测试 {len(test_x)} 张，每张 8×8；第一张的标签是 {y[0]}：")
    for row in x[0].reshape(8, 8):
        print("".join(2 * ".-+*#"[round(4 * pixel)] for pixel in row))
