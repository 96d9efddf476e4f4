"""一美元的租金，买得到多少次浮点运算？"""

from business.inference.limits import fraction, non_negative, positive

TPU_V5P_BF16_TFLOPS = 459
TPU_V5E_BF16_TFLOPS = 197
TPU_USD_PER_HOUR = (4.2, 1.2)  # v5p、v5e
H100_BF16_TFLOPS = 989
H100_MEDIAN_USD_PER_HOUR = 2.95


def peak_flop_per_s_per_usd_per_hour(peak_flop_per_s: float, usd_per_hour: float) -> float:
    """峰值算力 ÷ 小时价，单位 (FLOP/s)/(美元/小时)。scaling-book 的“FLOPs / $”一栏就是它。"""
    non_negative(peak_flop_per_s=peak_flop_per_s)
    positive(usd_per_hour=usd_per_hour)
    return peak_flop_per_s / usd_per_hour


def flop_per_usd(peak_flop_per_s: float, usd_per_hour: float, mfu: float = 1.0) -> float:
    """一美元真正买到的运算次数：上一个数 × 3600 秒 × MFU。"""
    fraction(mfu=mfu)
    return peak_flop_per_s_per_usd_per_hour(peak_flop_per_s, usd_per_hour) * 3_600 * mfu


if __name__ == "__main__":
    mfu = 0.4  # 假设
    v5p_usd, v5e_usd = TPU_USD_PER_HOUR
    for name, tflops, price in (
        ("TPU v5p", TPU_V5P_BF16_TFLOPS, v5p_usd),
        ("TPU v5e", TPU_V5E_BF16_TFLOPS, v5e_usd),
        ("H100", H100_BF16_TFLOPS, H100_MEDIAN_USD_PER_HOUR),
    ):
        ratio = peak_flop_per_s_per_usd_per_hour(tflops * 1e12, price)
        print(f"{name}，{price} 美元/小时：{ratio:.2e} (FLOP/s)/(美元/小时)", end="；")
        print(f"MFU {mfu} 时一美元 {flop_per_usd(tflops * 1e12, price, mfu):.1e} 次运算")
