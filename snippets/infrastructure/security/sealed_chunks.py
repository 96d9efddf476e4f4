"""权重太大，要分块加密：怎样不让人改一位、换两块、截一段，或者拿旧版冒充新版？"""

import json
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from business.inference.limits import positive

nonce_bytes = 12


def label(name: str, version: int, index: int, last: bool) -> bytes:
    """关联数据：不加密，但一起认证。这块密文属于谁、第几版、第几块、是不是最后一块。"""
    return json.dumps([name, version, index, last]).encode()


def seal(key: bytes, name: str, version: int, data: bytes, chunk_bytes: int) -> list[bytes]:
    """AES-GCM 分块加密，每块前面放它自己的随机 nonce。同一把密钥下 nonce 绝不能重复。"""
    positive(chunk_bytes=chunk_bytes)
    chunks, starts = [], range(0, max(len(data), 1), chunk_bytes)  # 空文件也有一块
    for index, start in enumerate(starts):
        nonce, bound = os.urandom(nonce_bytes), label(name, version, index, start == starts[-1])
        piece = data[start : start + chunk_bytes]
        chunks.append(nonce + AESGCM(key).encrypt(nonce, piece, bound))
    return chunks


def unseal(key: bytes, name: str, version: int, chunks: list[bytes]) -> bytes:
    """全部核对过才返回明文；有一块对不上，就抛出 ValueError，一个字节也不给。"""
    if not chunks:
        raise ValueError(f"{name} 第 {version} 版没有密文块，请从备份取回")
    pieces = []
    for index, chunk in enumerate(chunks):
        bound = label(name, version, index, index == len(chunks) - 1)
        try:
            piece = AESGCM(key).decrypt(chunk[:nonce_bytes], chunk[nonce_bytes:], bound)
        except (InvalidTag, ValueError):  # 太短的块是 ValueError
            problem = "解不开：密钥不对，或密文、名称、版本、次序被改过"
            raise ValueError(f"{name} 第 {version} 版第 {index} 块{problem}") from None
        pieces.append(piece)
    return b"".join(pieces)


if __name__ == "__main__":
    key, old, new = AESGCM.generate_key(256), b"old weights " * 3, b"new weights " * 3
    was, now = seal(key, "model", 1, old, 16), seal(key, "model", 2, new, 16)
    flipped = [now[0][:-1] + bytes([now[0][-1] ^ 1]), *now[1:]]
    print(f"{len(now)} 块，每块 16 字节，另加 {nonce_bytes} 字节 nonce、16 字节标签")
    print(f"原样：解出 {len(unseal(key, 'model', 2, now))} 字节")
    for attack, with_key, chunks in (
        *(("翻一位", key, flipped), ("换两块", key, [now[1], now[0], now[2]])),
        *(("截掉末块", key, now[:-1]), ("旧版冒充", key, was)),
        *(("插一块旧的", key, [now[0], was[1], now[2]]), ("密钥不对", bytes(32), now)),
    ):
        try:
            print(f"{attack}：没有发现 {unseal(with_key, 'model', 2, chunks)}")
        except ValueError as error:
            print(f"{attack}：{error}")
