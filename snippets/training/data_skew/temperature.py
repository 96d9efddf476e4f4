"""温度把小领域抬高多少，各领域又要过几遍？给遍数封顶呢？"""

import math

from training.data_skew.mixture_epochs import (
    LLAMA3_TOKENS_TRILLION,
    domains,
    effective_tokens,
    unique_trillion,
)


def shares(sizes: tuple[float, ...], temperature: float) -> list[float]:
    """采样占比 p_i ∝ n_i^(1/T)。T = 1 是自然比例，T = ∞ 是各领域均分。

    temperature 小于 1 时抛出 ValueError：那会让大的更大。
    """
    if temperature < 1:
        raise ValueError(f"temperature 不能小于 1，收到 {temperature}")
    powers = [size ** (1 / temperature) for size in sizes]
    return [power / sum(powers) for power in powers]


def capped(sizes: tuple[float, ...], budget: float, most_epochs: float) -> list[float]:
    """UniMax（Chung 等，arXiv:2304.09151）：尽量均分，但每个领域至多过 most_epochs 遍。

    从小到大分：小的用满上限，省下的额度由更大的均分。返回占比。
    """
    if budget > most_epochs * sum(sizes):
        raise ValueError(f"budget {budget} 超过全部语料过 {most_epochs} 遍的 token 数")
    given, left = [0.0] * len(sizes), budget
    for done, i in enumerate(sorted(range(len(sizes)), key=lambda i: sizes[i])):
        given[i] = min(left / (len(sizes) - done), most_epochs * sizes[i])
        left -= given[i]
    return [tokens / budget for tokens in given]


def worth(sizes: tuple[float, ...], mix: list[float], budget: float) -> float:
    """按 mix 采 budget 个 token，折合新 token 的比例：各领域折合后相加。"""
    return sum(effective_tokens(n, budget * p / n) for n, p in zip(sizes, mix)) / budget


if __name__ == "__main__":
    budget = LLAMA3_TOKENS_TRILLION
    print("、".join(f"{n} {size} 万亿" for n, size in zip(domains, unique_trillion)), "（假设）")
    mixes = [
        (f"T = {'∞' if t == math.inf else t}", shares(unique_trillion, t))
        for t in (1, 2, 3, math.inf)
    ]
    mixes.append(("至多 4 遍", capped(unique_trillion, budget, 4)))
    for name, mix in mixes:
        percent = "、".join(f"{p:.1%}" for p in mix)
        epochs = [budget * p / n for n, p in zip(unique_trillion, mix)]
        print(f"{name}：{percent}；最多的过 {max(epochs):.1f} 遍，"
              f"全部 token 折合 {worth(unique_trillion, mix, budget):.0%} 新 token")  # fmt: skip
