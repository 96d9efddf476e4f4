"""买家：可抢占的卡便宜，中断和返工之后还便宜吗？"""

from business.cloud.reserved import usd_per_used_hour
from business.inference.limits import positive
from business.training_cost.failures import expected_ettr
from infrastructure.performance.checkpoint_interval import best_interval

HYPERSTACK_H100_USD_PER_HOUR = (2.50, 1.75, 2.00)  # 按需、预留（起价）、可抢占
GCP_H200_USD_PER_HOUR = (10.4365, 6.2607)  # 按需、可抢占
AWS_H200_SERVER_USD_PER_HOUR = (63.296, 27.1988)  # 八卡整机：按需、可抢占


def useful_share(hours_between: float, restart_minutes: float, save_minutes: float) -> float:
    """有效时间占比：平均 hours_between 小时中断一次，重启加上返工，检查点按 Young 间隔写。"""
    positive(hours_between=hours_between, save_minutes=save_minutes)
    interval_minutes = best_interval(hours_between * 3_600, save_minutes * 60) / 60
    return expected_ettr(1, 24 / hours_between, restart_minutes, interval_minutes, save_minutes)


def usd_per_useful_hour(
    spot_usd_per_hour: float, hours_between: float, restart_minutes: float, save_minutes: float
) -> float:
    """每个有效小时的钱；中断太密，一点进度都留不下时是无穷大。"""
    share = useful_share(hours_between, restart_minutes, save_minutes)
    return usd_per_used_hour(spot_usd_per_hour, share) if share > 0 else float("inf")


if __name__ == "__main__":
    restart, save = 10, 1  # 假设，分钟
    on_demand, _, spot = HYPERSTACK_H100_USD_PER_HOUR
    aws_on_demand, aws_spot = (price / 8 for price in AWS_H200_SERVER_USD_PER_HOUR)
    for name, full, cheap in (
        ("Hyperstack H100", on_demand, spot),
        ("Google Cloud H200", *GCP_H200_USD_PER_HOUR),
        ("AWS H200", aws_on_demand, aws_spot),
    ):
        print(f"{name}：按需 {full:.2f}，可抢占 {cheap:.2f} 美元，便宜 {1 - cheap / full:.0%}")
    print(f"假设：重启 {restart} 分钟，写一次检查点 {save} 分钟；下面是 Hyperstack 与 AWS")
    for hours in (24, 4, 1):
        share = useful_share(hours, restart, save)
        print(f"平均 {hours} 小时断一次：有效时间 {share:.0%}", end="，每个有效小时 ")
        print(f"{usd_per_useful_hour(spot, hours, restart, save):.2f} 与 ", end="")
        print(f"{usd_per_useful_hour(aws_spot, hours, restart, save):.2f} 美元")
