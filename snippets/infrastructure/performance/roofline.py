"""一个计算核离本机的上限多远，卡在内存还是卡在算力？（≈ 行因机器而异）"""

import numpy as np

from business.inference.limits import positive
from infrastructure.performance.matmul_flops import flop, least_bytes, per_second


def ridge(peak_flop_per_s: float, bytes_per_s: float) -> float:
    """拐点：每搬一个字节做多少次运算，算力和带宽才同时用满。"""
    positive(peak_flop_per_s=peak_flop_per_s, bytes_per_s=bytes_per_s)
    return peak_flop_per_s / bytes_per_s


def attainable(flop_per_byte: float, peak_flop_per_s: float, bytes_per_s: float) -> float:
    """屋顶线 min(峰值, 带宽 × 每字节 FLOP)，单位 FLOP/s（Williams 等，CACM 2009）。"""
    positive(flop_per_byte=flop_per_byte)
    return min(1, flop_per_byte / ridge(peak_flop_per_s, bytes_per_s)) * peak_flop_per_s


def kernels(m: int, k: int, n: int) -> dict:
    """名字 → (怎么算，FLOP，至少搬的字节)。数组都写满：没写过的零页不占内存，读它很快。"""
    rng = np.random.default_rng(0)
    weights, many = rng.random((m, k), np.float32), rng.random((k, n), np.float32)
    other, total, one = weights * 2, np.ones_like(weights), many[:, 0].copy()
    return {
        "两个数组相加": (lambda: np.add(weights, other, total), m * k, 3 * weights.nbytes),
        "矩阵乘向量": (lambda: weights @ one, flop(m, k, 1), least_bytes(m, k, 1)),
        f"矩阵乘 {n} 列": (lambda: weights @ many, flop(m, k, n), least_bytes(m, k, n)),
    }


def limits(size: int = 1_024, megabytes: int = 64) -> tuple[float, float]:
    """(FLOP/s，字节/s)：大方阵相乘定峰值；复制和点积定内存带宽，取快的一个。"""
    square, source = np.ones((size, size), np.float32), np.ones(megabytes * 250_000, np.float32)
    copy = source * 2
    peak = per_second(lambda: square @ square, flop(size, size, size))
    moves = (lambda: np.copyto(copy, source), lambda: np.dot(copy, source))
    return peak, max(per_second(move, 2 * source.nbytes) for move in moves)


if __name__ == "__main__":
    seen, rows = [limits()], []
    for name, (job, flops, moved) in kernels(8_192, 2_048, 256).items():
        rows.append((name, flops / moved, per_second(job, flops)))
        seen += [limits(), (rows[-1][2], rows[-1][2] * moved / flops)]
    peak, bandwidth = (max(column) for column in zip(*seen))  # 别的进程只会让它变慢
    print(f"≈ 峰值 {peak / 1e9:.0f} GFLOP/s，内存 {bandwidth / 1e9:.0f} GB/s", end="，")
    print(f"拐点每字节 {ridge(peak, bandwidth):.1f} FLOP")
    for name, intensity, got in rows:
        bound = "内存" if intensity < ridge(peak, bandwidth) else "算力"
        print(f"{name}：每字节 {intensity:.2f} FLOP，上限由{bound}定")
        roof = got / attainable(intensity, peak, bandwidth)
        print(f"≈   {got / 1e9:.1f} GFLOP/s，是屋顶线的 {roof:.0%}，峰值的 {got / peak:.0%}")
