"""定了领域配比和总 token 数，每个领域要过几遍？重复的 token 值多少？"""

import math

LLAMA3_MIX_PERCENT = (50, 25, 17, 8)
LLAMA3_TOKENS_TRILLION = 15.6
REPEAT_VALUE_DECAY = 15.387756
domains = ("通用知识", "数学与推理", "代码", "多语言")
unique_trillion = (10, 1, 1.5, 0.1)  # 假设的语料，Llama 3 没有公布各领域的独有 token 数


def effective_tokens(unique: float, epochs: float) -> float:
    """过 epochs 遍后，相当于多少没见过的 token（单位同 unique）。

    Muennighoff 等式 5：D' = U + U·R*·(1 − e^(−R/R*))，R = epochs − 1。
    unique 不是正数或 epochs 是负数时抛出 ValueError。
    """
    if unique <= 0 or epochs < 0:
        raise ValueError(f"unique 要大于 0，epochs 不能小于 0，收到 {unique} 和 {epochs}")
    if epochs <= 1:  # 一遍都没用完，没有重复
        return unique * epochs
    repeats = epochs - 1
    return unique * (1 + REPEAT_VALUE_DECAY * (1 - math.exp(-repeats / REPEAT_VALUE_DECAY)))


if __name__ == "__main__":
    print(f"Llama 3 总量 {LLAMA3_TOKENS_TRILLION} 万亿 token")
    for name, percent, unique in zip(domains, LLAMA3_MIX_PERCENT, unique_trillion):
        needed = LLAMA3_TOKENS_TRILLION * percent / 100
        epochs = needed / unique
        print(
            f"{name}：自然 {unique / sum(unique_trillion):.1%} → {percent}%，"
            f"{unique} 万亿过 {epochs:.1f} 遍，每 token 值 "
            f"{effective_tokens(unique, epochs) / needed:.0%}"
        )
    for epochs in (4, 16, 40):
        worth = effective_tokens(1, epochs)
        print(f"过 {epochs} 遍：值 {worth:.2f} 份新数据，是全新数据的 {worth / epochs:.0%}")
