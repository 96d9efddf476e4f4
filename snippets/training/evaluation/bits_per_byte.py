"""两个模型的分词不同，困惑度还能比吗？"""

import math
import random
from collections import Counter


def random_text(words: int, seed: int) -> str:
    """由 300 个随机单词组成的文章，词频按 1/排名 递减。"""
    letters = random.Random(0)
    lexicon = ["".join(letters.choices("abcdefghij", k=5)) for _ in range(300)]
    weights = [1 / rank for rank in range(1, 301)]
    return " ".join(random.Random(seed).choices(lexicon, weights, k=words))


def by_letter(text: str) -> list[str]:
    return list(text)


def by_word(text: str) -> list[str]:
    return [f"{word} " for word in text.split()]  # 空格跟着前一个词，不丢字节


def total_nats(train: list[str], held_out: list[str]) -> float:
    """一元模型（只看词频，加一平滑）在 held_out 上的损失总和，单位纳特。"""
    counts = Counter(train)
    total = len(train) + len(counts) + 1  # 多出的一份留给没见过的
    return -sum(math.log((counts[token] + 1) / total) for token in held_out)


def perplexity(nats: float, tokens: int) -> float:
    return math.exp(nats / tokens)


def bits_per_byte(nats: float, text: str) -> float:
    """损失总和换成比特，再除以原文的字节数：与怎样分词无关。"""
    return nats / math.log(2) / len(text.encode())


if __name__ == "__main__":
    train, held_out = random_text(20_000, seed=1), random_text(5_000, seed=2)
    for name, split in (("按字母", by_letter), ("按单词", by_word)):
        tokens = split(held_out)
        nats = total_nats(split(train), tokens)
        print(
            f"{name}：{len(tokens):,} 个 token，困惑度 {perplexity(nats, len(tokens)):.1f}，"
            f"每字节 {bits_per_byte(nats, held_out):.2f} 比特"
        )
