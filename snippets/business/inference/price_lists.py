"""换一张价目表，同样一天的 token 平均卖多少钱？"""

from business.inference.daily_account import (
    DEEPSEEK_DAILY_BTOK,
    DEEPSEEK_R1_USD_PER_MTOK,
    revenue_usd,
)
from business.inference.token_cost import DEEPSEEK_V3_USD_PER_MTOK

DEEPSEEK_V4_PRO_MAY_USD_PER_MTOK = (0.003625, 0.435, 0.87)  # 输入命中、输入未命中、输出
DEEPSEEK_V4_PRO_USD_PER_MTOK = (0.022, 0.66, 1.98)  # 空闲时段
DEEPSEEK_V4_PRO_PEAK_USD_PER_MTOK = (0.044, 1.32, 3.96)  # 高峰时段
DEEPSEEK_PEAK_HOURS = (7, 5)  # 每天几小时、每周几天是高峰

if __name__ == "__main__":
    lists = {
        "V3，2025 年 2 月": DEEPSEEK_V3_USD_PER_MTOK,
        "R1，2025 年 2 月": DEEPSEEK_R1_USD_PER_MTOK,
        "V4-Pro，2026 年 5 月": DEEPSEEK_V4_PRO_MAY_USD_PER_MTOK,
        "V4-Pro，2026 年 11 月，空闲": DEEPSEEK_V4_PRO_USD_PER_MTOK,
        "V4-Pro，2026 年 11 月，高峰": DEEPSEEK_V4_PRO_PEAK_USD_PER_MTOK,
    }
    print("同样一天的 token：命中与未命中的价格之比，平均每百万 token 的价格")
    for name, prices in lists.items():
        average = revenue_usd(*DEEPSEEK_DAILY_BTOK, *prices) / sum(DEEPSEEK_DAILY_BTOK)
        print(f"  {name}：1:{prices[1] / prices[0]:.0f}，{average:.3f} 美元")
    hours, days = DEEPSEEK_PEAK_HOURS
    even, busy = hours * days / (24 * 7), 0.4  # 后一个是假设：四成用量落在高峰
    multiple = DEEPSEEK_V4_PRO_PEAK_USD_PER_MTOK[2] / DEEPSEEK_V4_PRO_USD_PER_MTOK[2]
    print(f"高峰价是空闲价的 {multiple:.0f} 倍，高峰占一周的 {even:.1%}")
    for share in (even, busy):
        print(f"  高峰的用量占 {share:.1%}，平均价是空闲价的 {1 + (multiple - 1) * share:.2f} 倍")
