"""停机、返工、写检查点，一天赔掉多少钱，怎样少赔？"""

from business.inference.limits import non_negative, positive
from business.training_cost.price import cost_usd
from infrastructure.performance.availability import (
    LLAMA3_SNAPSHOT_DAYS,
    LLAMA3_TRAINING_GPUS,
    LLAMA3_UNEXPECTED_STOPS,
)
from infrastructure.performance.checkpoint_interval import best_interval, lost_share

BLOOM_SAVE_SECONDS_EVERY_HOURS = (40, 3)

mtbf_s = LLAMA3_SNAPSHOT_DAYS * 86_400 / LLAMA3_UNEXPECTED_STOPS
usd_per_day = cost_usd(LLAMA3_TRAINING_GPUS, 24, 2)  # 假设每卡时 2 美元


def failure_usd_per_day(
    usd_per_day: float, mtbf_s: float, interval_s: float, save_s: float, restart_s: float = 0.0
) -> float:
    """每天赔掉的钱 = 每天的租金 ×（写检查点 + 平均半个间隔的返工 + 重启 ÷ MTBF）。

    每一项都远小于 1 时成立；加起来超过 1，就按全部赔掉算。
    """
    non_negative(usd_per_day=usd_per_day, save_s=save_s, restart_s=restart_s)
    positive(mtbf_s=mtbf_s, interval_s=interval_s)
    return usd_per_day * min(1.0, lost_share(interval_s, mtbf_s, save_s) + restart_s / mtbf_s)


if __name__ == "__main__":
    print(f"{LLAMA3_TRAINING_GPUS:,} 张卡，每天 {usd_per_day:,.0f} 美元；", end="")
    print(f"{mtbf_s / 3_600:.2f} 小时停一次")
    print("假设每卡时 2 美元，重启 10 分钟：")
    for save_s in (60, 5):
        best = best_interval(mtbf_s, save_s)
        for name, interval_s in (("每小时写", 3_600), (f"最优，每 {best / 60:.1f} 分钟写", best)):
            usd = failure_usd_per_day(usd_per_day, mtbf_s, interval_s, save_s, 600)
            print(f"写一次 {save_s} 秒，{name}：每天 {usd:,.0f} 美元，{usd / usd_per_day:.1%}")
    usd = failure_usd_per_day(usd_per_day, mtbf_s, best, save_s, 300)
    print(f"再把重启压到 5 分钟：每天 {usd:,.0f} 美元，{usd / usd_per_day:.1%}")
    print(f"一个百分点：每天 {usd_per_day / 100:,.0f} 美元")

    save_s, hours = BLOOM_SAVE_SECONDS_EVERY_HOURS
    week_s, used_s = 7 * 86_400, hours * 3_600  # 假设每周停一次，实际一到两次
    best = best_interval(week_s, save_s)
    print(f"BLOOM 每 {hours} 小时写 {save_s} 秒：写占 {save_s / used_s:.2%}，", end="")
    print(f"连返工 {lost_share(used_s, week_s, save_s):.2%}；", end="")
    print(f"最优 {best / 3_600:.2f} 小时，{lost_share(best, week_s, save_s):.2%}")
