"""只受算力限制时，前向计算每秒能处理多少 token？"""

from business.inference.limits import fraction, positive
from business.inference.roofline import H100_BF16_TFLOPS
from business.inference.token_cost import H100_MEDIAN_USD_PER_HOUR, usd_per_mtok


def forward_tokens_per_s(params: float, flop_per_s: float, mfu: float = 1.0) -> float:
    """F·mfu/(2N)：每个 token 的前向计算约 2N FLOP（每个参数一乘一加，arXiv:2001.08361 §2.1）。"""
    positive(params=params, flop_per_s=flop_per_s)
    fraction(mfu=mfu)
    return flop_per_s * mfu / (2 * params)


if __name__ == "__main__":
    params, flop_per_s = 70e9, 8 * H100_BF16_TFLOPS * 1e12  # 700 亿参数，一台八卡 H100
    for mfu in (1.0, 0.4):  # 后一个是假设
        speed = forward_tokens_per_s(params, flop_per_s, mfu)
        usd = usd_per_mtok(8 * H100_MEDIAN_USD_PER_HOUR, speed)
        print(f"MFU {mfu:.0%}：{speed:,.0f} token/s，每百万输入 token {usd:.2f} 美元")
