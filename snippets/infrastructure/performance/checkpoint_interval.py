"""检查点隔多久写一次损失最少？"""

import math

from business.inference.limits import positive

LLAMA3_SNAPSHOT_DAYS = 54
LLAMA3_UNEXPECTED_STOPS = 419


def best_interval(mtbf_s: float, save_s: float) -> float:
    """Young 的最优间隔（秒）：√(2 · MTBF · 写一次的时间)。两者都要大于 0。"""
    if mtbf_s <= 0 or save_s <= 0:
        raise ValueError(f"mtbf_s 和 save_s 都要大于 0，收到 {mtbf_s} 和 {save_s}")
    return math.sqrt(2 * mtbf_s * save_s)


def write_share(interval_s: float, save_s: float) -> float:
    """只看写检查点：每隔 interval_s 写一次，每次 save_s，占训练时间的比例。"""
    positive(interval_s=interval_s, save_s=save_s)
    return save_s / interval_s


def lost_share(interval_s: float, mtbf_s: float, save_s: float) -> float:
    """损失的时间占比 = 写检查点 + 平均半个间隔的返工；不含重启，间隔远小于 MTBF 时成立。"""
    return write_share(interval_s, save_s) + interval_s / (2 * mtbf_s)


if __name__ == "__main__":
    mtbf_s = LLAMA3_SNAPSHOT_DAYS * 86_400 / LLAMA3_UNEXPECTED_STOPS
    print(f"MTBF {mtbf_s / 3_600:.2f} 小时")
    for save_s in (5, 20, 60):
        best = best_interval(mtbf_s, save_s)
        print(
            f"写一次 {save_s} 秒：最优间隔 {best / 60:.1f} 分钟，"
            f"损失 {lost_share(best, mtbf_s, save_s):.1%}；"
            f"每小时写一次，损失 {lost_share(3_600, mtbf_s, save_s):.1%}"
        )
