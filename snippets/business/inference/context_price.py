"""上下文变长，一台机器同时服务的人变少，每个 token 贵多少？"""

from math import floor

from business.inference.kv_cache import (
    DEEPSEEK_V3_MLA,
    LLAMA3_70B_KV,
    kv_bytes_per_token,
    max_sequences,
    mla_bytes_per_token,
)
from business.inference.roofline import H100_BF16_TFLOPS, H100_TB_PER_S, decode_step_s
from business.inference.token_cost import H100_MEDIAN_USD_PER_HOUR, usd_per_mtok

H100_MEMORY_GB = 80
usable = 0.9  # 假设：其余留给激活和碎片
params = 70e9
weight_bytes = 2 * params
gqa_bytes, mla_bytes = (
    kv_bytes_per_token(*LLAMA3_70B_KV, 2),
    mla_bytes_per_token(*DEEPSEEK_V3_MLA, 2),
)


def fullest_batch(tokens: float, kv_bytes: float) -> int:
    """一台八卡 H100 装下 bf16 权重之后，最多同时服务几条长 tokens 的序列。"""
    return floor(max_sequences(8 * H100_MEMORY_GB * 1e9 * usable, weight_bytes, kv_bytes, tokens))


def decode_usd_per_mtok(batch: float, tokens: float, kv_bytes: float) -> tuple[float, float]:
    """每步几秒，每百万输出 token 几美元：只算解码，按物理下限。"""
    flop_per_s, bytes_per_s = 8 * H100_BF16_TFLOPS * 1e12, 8 * H100_TB_PER_S * 1e12
    step = decode_step_s(batch, tokens * kv_bytes, weight_bytes, params, bytes_per_s, flop_per_s)
    return step, usd_per_mtok(8 * H100_MEDIAN_USD_PER_HOUR, batch / step)


if __name__ == "__main__":
    for name, size in (("GQA", gqa_bytes), ("同一模型，KV 小到 MLA 那样", mla_bytes)):
        print(f"{name}，每 token {size / 1e3:.1f} kB")
        for tokens in (2_048, 8_192, 32_768, 131_072):
            batch = fullest_batch(tokens, size)
            step, usd = decode_usd_per_mtok(batch, tokens, size)
            print(
                f"  {tokens:7,} token：最多 {batch:5,} 条，每步 {step * 1e3:5.1f} ms，{usd:5.2f} 美元"
            )
