"""SGD、动量、AdaGrad、RMSProp、Adam、AdamW 每一步怎么走？公式只在这里写一遍。"""

import numpy as np

# 前五个函数把第 t 步（从 1 数起）的梯度 g 变成方向，再乘学习率就是步子；state 存它们的滑动量。


def sgd(g, state, t):
    return g


def momentum(g, state, t, mu=0.9):
    """Polyak（1964）：梯度的滑动和。"""
    state["m"] = mu * state.get("m", 0.0) + g
    return state["m"]


def adagrad(g, state, t, initial=0.1, epsilon=1e-7):
    """Duchi 等（2011），对角形式：和只增不减。initial 是和的初值，Keras 的默认值是 0.1。"""
    state["s"] = state.get("s", initial) + g**2
    return g / np.sqrt(state["s"] + epsilon)


def rmsprop(g, state, t, rho=0.9, epsilon=1e-7):
    """Hinton 的讲义（2012）：把和换成指数滑动平均。"""
    state["v"] = rho * state.get("v", 0.0) + (1 - rho) * g**2
    return g / np.sqrt(state["v"] + epsilon)


def adam(g, state, t, beta_1=0.9, beta_2=0.999, epsilon=1e-7, correct=True):
    """Kingma、Ba（2015），算法 1。correct=False 时不做偏差修正。"""
    # m 是一阶矩，v 是二阶矩：没有减去均值，所以不是方差
    m = state["m"] = beta_1 * state.get("m", 0.0) + (1 - beta_1) * g
    v = state["v"] = beta_2 * state.get("v", 0.0) + (1 - beta_2) * g**2
    if correct:  # 从零开始的平均偏小，除回来
        m, v = m / (1 - beta_1**t), v / (1 - beta_2**t)
    return m / (np.sqrt(v) + epsilon)


def descend(direction, gradient, w, rates, l2=0.0, decay=0.0) -> np.ndarray:
    """从 w 出发，每个学习率走一步，返回全部位置（含起点）。gradient(w, t) 是第 t 步的梯度。

    l2·w 并进梯度，跟着一起被除；decay·w 直接从参数里减，谁也不除（Loshchilov、Hutter，2019，算法 2，但同 Keras 一样乘学习率）。
    """
    state, path = {}, [np.asarray(w, dtype=float)]
    for t, rate in enumerate(rates, 1):
        w = path[-1]
        path.append(w - rate * (direction(gradient(w, t) + l2 * w, state, t) + decay * w))
    return np.array(path)


optimizers = {"SGD": (sgd, {}), "动量": (momentum, {}), "AdaGrad": (adagrad, {}), "RMSProp": (rmsprop, {}),
              "Adam": (adam, {}), "AdamW": (adam, {"decay": 0.01})}  # fmt: skip

if __name__ == "__main__":
    given, rate = (3.0, 3.0, -1.0), 0.1
    print(f"从 1 出发，学习率 {rate}，梯度依次是 3、3、-1")
    for name, (direction, options) in optimizers.items():
        path = descend(direction, lambda w, t: given[t - 1], 1.0, [rate] * 3, **options)
        print(f"{name}：" + " → ".join(f"{w:.3f}" for w in path[1:]))
