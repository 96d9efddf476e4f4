"""一个 token 的 KV cache 有多大？"""

from business.inference.limits import non_negative, positive

DEEPSEEK_V3_MLA = (61, 512, 64)  # 层数、压缩后的维数、位置键的维数
LLAMA3_70B_KV = (80, 8, 128)  # 层数、KV 头数、每头维数
LLAMA31_405B_KV = (126, 8, 128)
DEEPSEEK_KV_LENGTH = 4_989  # 一天里每个输出 token 的平均 KV 长度


def kv_bytes_per_token(
    layers: float, kv_heads: float, head_dim: float, bytes_per_value: float
) -> float:
    """2·L·H_kv·d·字节：每层每个 KV 头各存一份 K 和一份 V（MHA、GQA 通用，arXiv:2305.13245）。"""
    positive(layers=layers, kv_heads=kv_heads, head_dim=head_dim)
    positive(bytes_per_value=bytes_per_value)
    return 2 * layers * kv_heads * head_dim * bytes_per_value


def mla_bytes_per_token(
    layers: float, latent_dim: float, rope_dim: float, bytes_per_value: float
) -> float:
    """L·(d_c + d_rope)·字节：MLA 每层只存一个压缩向量和一个位置键（arXiv:2405.04434 §2.1）。"""
    positive(layers=layers, latent_dim=latent_dim, bytes_per_value=bytes_per_value)
    non_negative(rope_dim=rope_dim)
    return layers * (latent_dim + rope_dim) * bytes_per_value


def max_sequences(
    memory_bytes: float, weight_bytes: float, kv_bytes_per_token: float, tokens: float
) -> float:
    """装下权重之后，剩下的显存还装得下几条长 tokens 的序列；装不下权重时是 0（scaling-book）。"""
    non_negative(memory_bytes=memory_bytes, weight_bytes=weight_bytes)
    positive(kv_bytes_per_token=kv_bytes_per_token, tokens=tokens)
    return max(0.0, memory_bytes - weight_bytes) / (kv_bytes_per_token * tokens)


if __name__ == "__main__":
    mla = mla_bytes_per_token(*DEEPSEEK_V3_MLA, 2)
    models = {
        "DeepSeek-V3（MLA）": mla,
        "Llama-3-70B（GQA）": kv_bytes_per_token(*LLAMA3_70B_KV, 2),
        "Llama-3.1-405B（GQA）": kv_bytes_per_token(*LLAMA31_405B_KV, 2),
    }
    print(f"每 token 的 KV cache（BF16），和一条 {DEEPSEEK_KV_LENGTH:,} 个 token 的序列")
    for name, size in models.items():
        print(f"  {name}：{size / 1e3:.3f} kB，是 MLA 的 {size / mla:.2f} 倍", end="；")
        print(f"一条 {size * DEEPSEEK_KV_LENGTH / 1e9:.2f} GB")
    mha = kv_bytes_per_token(80, 64, 128, 2)
    print(f"  70B 若不分组，64 个头各存一份：{mha / 1e3:.3f} kB")
