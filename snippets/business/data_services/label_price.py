"""一条标注、一条合成样本值多少钱？加上人工抽查呢？"""

ALPACA_COST_USD = 500  # 来源说不到这个数，所以下面是上限
ALPACA_SAMPLES = 52_000
LLM_LABEL_USD = 0.003  # 来源说不到这个数
MTURK_TO_LLM_RATIO = 30


def usd_per_item(total_usd: float, items: int) -> float:
    if items < 1:
        raise ValueError(f"items 必须是正整数，收到 {items}")
    if not 0 <= total_usd < float("inf"):
        raise ValueError(f"total_usd 必须是非负的有限数，收到 {total_usd}")
    return total_usd / items


def reviewed_usd_per_label(machine_usd: float, human_usd: float, review_share: float) -> float:
    """机器标全部，人再复查其中 review_share：每条成本 = 机器 + 复查比例 × 人工。"""
    if not 0 <= review_share <= 1:
        raise ValueError(f"review_share 必须在 0 到 1 之间，收到 {review_share}")
    for name, value in {"machine_usd": machine_usd, "human_usd": human_usd}.items():
        if not 0 <= value < float("inf"):
            raise ValueError(f"{name} 必须是非负的有限数，收到 {value}")
    return machine_usd + review_share * human_usd


if __name__ == "__main__":
    print(f"合成样本：每条不超过 {usd_per_item(ALPACA_COST_USD, ALPACA_SAMPLES):.4f} 美元")
    human = LLM_LABEL_USD * MTURK_TO_LLM_RATIO
    print(f"标注：机器每条 {LLM_LABEL_USD} 美元，众包每条 {human:.2f} 美元")
    for share in (0.1, 0.3):
        cost = reviewed_usd_per_label(LLM_LABEL_USD, human, share)
        people = share * human / cost
        print(f"机器标，人复查 {share:.0%}：每条 {cost:.3f} 美元，其中人工占 {people:.0%}")
