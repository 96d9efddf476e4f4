"""解码一步最快要多久：卡在显存带宽，还是卡在算力？"""

from business.inference.limits import non_negative, positive
from business.inference.token_cost import H100_MEDIAN_USD_PER_HOUR, usd_per_mtok

H100_BF16_TFLOPS = 989  # 稠密；规格表上的两倍值带稀疏
H100_TB_PER_S = 3.35


def decode_step_s(
    batch: float,
    kv_bytes_per_sequence: float,
    weight_bytes: float,
    params: float,
    bytes_per_s: float,
    flop_per_s: float,
) -> float:
    """T = B·KV/W + max(2BN/F, 权重字节/W)，单位秒（scaling-book inference.md）。

    注意力读每条序列的 KV cache，总受带宽限制；矩阵乘读一遍权重，与计算重叠，取慢的一个。
    bytes_per_s、flop_per_s 是所有卡之和，params 是每个 token 激活的参数量。
    """
    positive(batch=batch, weight_bytes=weight_bytes, params=params)
    positive(bytes_per_s=bytes_per_s, flop_per_s=flop_per_s)
    non_negative(kv_bytes_per_sequence=kv_bytes_per_sequence)
    attention_s = batch * kv_bytes_per_sequence / bytes_per_s
    return attention_s + max(2 * batch * params / flop_per_s, weight_bytes / bytes_per_s)


def decode_tokens_per_s(
    batch: float,
    kv_bytes_per_sequence: float,
    weight_bytes: float,
    params: float,
    bytes_per_s: float,
    flop_per_s: float,
) -> float:
    """吞吐 = B/T：每一步给每条序列各生成一个 token。"""
    return batch / decode_step_s(
        batch, kv_bytes_per_sequence, weight_bytes, params, bytes_per_s, flop_per_s
    )


def critical_batch(flop_per_s: float, bytes_per_s: float, bytes_per_param: float) -> float:
    """B_c = F/W × 每参数字节 ÷ 2：矩阵乘的用时等于读权重的用时（scaling-book roofline.md）。"""
    positive(flop_per_s=flop_per_s, bytes_per_s=bytes_per_s, bytes_per_param=bytes_per_param)
    return flop_per_s / bytes_per_s * bytes_per_param / 2


if __name__ == "__main__":
    f, w = 8 * H100_BF16_TFLOPS * 1e12, 8 * H100_TB_PER_S * 1e12  # 一台八卡
    n, kv = 70e9, 8_192 * 327_680  # 700 亿参数，bf16；每条 8,192 个 token 的 KV cache
    dense, sparse = critical_batch(f, w, 2), critical_batch(2 * f, w, 2)
    print(f"临界批大小 {dense:.0f}；误用带稀疏的峰值，会算成 {sparse:.0f}")
    for batch in (1, 8, 32, 162):
        speed = decode_tokens_per_s(batch, kv, 2 * n, n, w, f)
        usd = usd_per_mtok(8 * H100_MEDIAN_USD_PER_HOUR, speed)
        print(f"批 {batch:3}：每步 {1e3 * batch / speed:4.1f} ms", end="，")
        print(f"合计 {speed:5,.0f} token/s，每百万 {usd:5.2f} 美元")
