"""不存整份副本，只多存几块校验，怎样找回丢掉的块？"""

import random
from collections.abc import Mapping
from functools import reduce
from itertools import combinations

import zfec


def xor(blocks: list[bytes]) -> bytes:
    """逐位异或。几块等长的数据异或出一块校验；丢掉任何一块，其余的再异或就是它。"""
    return reduce(lambda a, b: bytes(x ^ y for x, y in zip(a, b, strict=True)), blocks)


def encode(data: bytes, k: int, m: int) -> list[bytes]:
    """里德–所罗门码（Reed–Solomon）：k 块数据，加 m − k 块校验。末尾补零，凑成等长的 k 块。"""
    size = max(1, -(-len(data) // k))
    blocks = [data[i * size : (i + 1) * size].ljust(size, b"\0") for i in range(k)]
    return zfec.Encoder(k, m).encode(blocks)


def decode(blocks: Mapping[int, bytes], k: int, m: int, size: int) -> bytes:
    """blocks 是 {块号: 内容}，任意 k 块就够；size 是原来的字节数。不够时抛出 ValueError。

    每一块都要先校验过：解码不检查内容，混进一块坏的，结果就是错的。
    """
    if len(blocks) < k:
        lost = "、".join(str(i) for i in range(m) if i not in blocks)
        raise ValueError(f"要 {k} 块才能还原，只有 {len(blocks)} 块；缺第 {lost} 块")
    chosen = sorted(blocks)[:k]
    data = zfec.Decoder(k, m).decode([blocks[i] for i in chosen], chosen)
    return b"".join(data)[:size]


if __name__ == "__main__":
    a, b, c = b"\x0f", b"\x35", b"\x60"
    parity = xor([a, b, c])
    print("异或：" + " ⊕ ".join(f"{block[0]:08b}" for block in (a, b, c)) + f" = {parity[0]:08b}")
    print(f"丢了第二块，其余三块再异或：{xor([a, c, parity])[0]:08b}")

    data = random.Random(0).randbytes(300_000)
    for k, m in ((6, 9), (10, 14)):
        blocks = encode(data, k, m)
        choices = list(combinations(range(m), k))
        right = sum(
            decode({i: blocks[i] for i in kept}, k, m, len(data)) == data for kept in choices
        )
        print(f"RS({k},{m - k})：{m} 块里留 {k} 块，{len(choices):,} 种留法，还原正确 {right:,} 种")
    try:
        decode({i: blocks[i] for i in range(9)}, 10, 14, len(data))
    except ValueError as error:
        print(f"丢五块：{error}")
