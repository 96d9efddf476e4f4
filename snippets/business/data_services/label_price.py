"""一条标注、一条合成样本值多少钱？加上人工抽查呢？"""

from business.inference.limits import non_negative, positive, share
from business.inference.margin import gross_margin

ALPACA_COST_USD = 500  # 来源说不到这个数，所以下面是上限
ALPACA_SAMPLES = 52_000
LLM_LABEL_USD = 0.003  # 来源说不到这个数
MTURK_TO_LLM_RATIO = 30


def usd_per_item(total_usd: float, items: int) -> float:
    """每条的价格（美元）= 总花费 ÷ 条数。"""
    non_negative(total_usd=total_usd)
    positive(items=items)
    return total_usd / items


def reviewed_usd_per_label(machine_usd: float, human_usd: float, review_share: float) -> float:
    """机器标全部，人再复查其中 review_share：每条成本 = 机器 + 复查比例 × 人工。"""
    non_negative(machine_usd=machine_usd, human_usd=human_usd)
    share(review_share=review_share)
    return machine_usd + review_share * human_usd


def break_even_review_share(machine_usd: float, human_usd: float) -> float:
    """复查超过这个比例，机器标加复查就比直接请人贵 = 1 − 机器 ÷ 人工；机器更贵时是负数。"""
    non_negative(machine_usd=machine_usd)
    positive(human_usd=human_usd)
    return 1 - machine_usd / human_usd


if __name__ == "__main__":
    print(f"合成样本：每条不超过 {usd_per_item(ALPACA_COST_USD, ALPACA_SAMPLES):.4f} 美元")
    human = LLM_LABEL_USD * MTURK_TO_LLM_RATIO
    print(f"标注：机器每条 {LLM_LABEL_USD} 美元，众包每条 {human:.2f} 美元")
    for review_share in (0.1, 0.3):
        cost = reviewed_usd_per_label(LLM_LABEL_USD, human, review_share)
        print(f"机器标，人复查 {review_share:.0%}：每条 {cost:.3f} 美元", end="，")
        print(f"其中人工占 {review_share * human / cost:.0%}")
        full, half = gross_margin(human, cost), gross_margin(human / 2, cost)
        print(f"  按众包价卖，毛利率 {full:.0%}；降价一半，{half:.0%}")
    limit = break_even_review_share(LLM_LABEL_USD, human)
    print(f"复查超过 {limit:.1%}，还不如全部请人")
