"""买一本书来训练，贵在授权还是贵在算力？"""

from business.inference.limits import non_negative, positive
from business.training_cost.flops import gpu_hours, training_flop

HARPERCOLLINS_USD_PER_BOOK = 5_000  # 三年，作者与出版社各一半
ANTHROPIC_SETTLEMENT_USD_PER_BOOK = 3_000  # 和解金，来源说“约”
H100_MEDIAN_USD_PER_HOUR = 2.95
H100_BF16_TFLOPS = 989


def licence_usd_per_mtok(
    usd_per_book: float, words_per_book: float, words_per_token: float = 0.75
) -> float:
    """授权费折成每百万 token = 每本的价格 ÷ 每本的百万 token 数。"""
    non_negative(usd_per_book=usd_per_book)
    positive(words_per_book=words_per_book, words_per_token=words_per_token)
    return usd_per_book / (words_per_book / words_per_token / 1e6)


def training_usd_per_mtok(
    params: float, peak_flop_per_s: float, mfu: float, usd_per_gpu_hour: float
) -> float:
    """拿一百万 token 训练一遍的算力钱：运算次数折成卡时，再乘租价。"""
    non_negative(usd_per_gpu_hour=usd_per_gpu_hour)
    return gpu_hours(training_flop(params, 1e6), peak_flop_per_s, mfu) * usd_per_gpu_hour


if __name__ == "__main__":
    words, params, mfu = 100_000, 70e9, 0.4  # 假设：一本书的英文词数、模型大小、MFU
    print(f"假设：一本书 {words:,} 词，四分之三个词一个 token；模型 70 B 参数，MFU {mfu}")
    for name, usd in (
        ("HarperCollins 的授权", HARPERCOLLINS_USD_PER_BOOK),
        ("Anthropic 的和解金", ANTHROPIC_SETTLEMENT_USD_PER_BOOK),
    ):
        price = licence_usd_per_mtok(usd, words)
        print(f"{name}：每本 {usd:,} 美元，折合 {price:,.0f} 美元/百万 token")
    compute = training_usd_per_mtok(params, H100_BF16_TFLOPS * 1e12, mfu, H100_MEDIAN_USD_PER_HOUR)
    ratio = licence_usd_per_mtok(HARPERCOLLINS_USD_PER_BOOK, words) / compute
    print(f"训练一遍的算力：{compute:.2f} 美元/百万 token，授权约是它的 {round(ratio, -3):,.0f} 倍")
