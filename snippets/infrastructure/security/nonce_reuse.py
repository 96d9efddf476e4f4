"""AES-GCM 的 nonce 用了两次会怎样，随机取又能用多少次？"""

from math import expm1, log2

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from business.inference.limits import non_negative

GCM_RANDOM_NONCE_INVOCATIONS = 4_294_967_296  # 次，NIST SP 800-38D：随机 nonce 时每把密钥的上限


def xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=False))


def collision_probability(messages: float, nonce_bits: int = 96) -> float:
    """随机 nonce 至少重复一次的概率：生日界的近似 1 − exp(−n(n−1)/2^(b+1))。"""
    non_negative(messages=messages, nonce_bits=nonce_bits)
    return -expm1(-messages * (messages - 1) / 2 ** (nonce_bits + 1))


if __name__ == "__main__":
    key, nonce = AESGCM.generate_key(256), bytes(12)
    public, secret = b"hello, this text is known", b"api_key = 7f3a9c"
    first = AESGCM(key).encrypt(nonce, public, None)
    second = AESGCM(key).encrypt(nonce, secret, None)  # 错：nonce 没有换
    stolen = xor(xor(first, second), public)[: len(secret)]
    print(f"不知道密钥，只凭两份密文和一份已知的明文，读出：{stolen.decode()}")
    for messages in (GCM_RANDOM_NONCE_INVOCATIONS, 2**40, 2**48):
        chance = collision_probability(messages)
        print(f"一把密钥用 2^{log2(messages):.0f} 次随机 nonce，至少撞一次的概率：{chance:.1g}")
