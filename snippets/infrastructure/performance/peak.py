"""规格表上的峰值算力怎么来的？分母用错一个，MFU 差多少？"""

from business.inference.limits import positive

A100_MHZ_FMA_CORES = (1_410, 256, 432)  # 加速时钟、每个 tensor core 每时钟的 BF16 乘加、个数
H100_MHZ_FMA_CORES = (1_830, 512, 528)
H100_SPARSE_BF16_TFLOPS = 1_979  # 规格表上的数，脚注写明带结构化稀疏


def peak_flop_per_s(clock_hz: float, fma_per_clock: float, cores: float) -> float:
    """稠密峰值 = 时钟 × 每核每时钟的乘加 × 2 × 核数（ml-engineering，compute/accelerator）。"""
    positive(clock_hz=clock_hz, fma_per_clock=fma_per_clock, cores=cores)
    return clock_hz * fma_per_clock * 2 * cores  # 一次乘加算两次运算


if __name__ == "__main__":
    for name, (mhz, fma, cores) in {"A100": A100_MHZ_FMA_CORES, "H100": H100_MHZ_FMA_CORES}.items():
        dense = peak_flop_per_s(mhz * 1e6, fma, cores) / 1e12
        print(f"{name}：{mhz:,} MHz × {fma} × 2 × {cores} = {dense:.1f} TFLOP/s（BF16，稠密）")
    print(
        f"H100 规格表印 {H100_SPARSE_BF16_TFLOPS:,}，是稠密的 {H100_SPARSE_BF16_TFLOPS / dense:.2f} 倍"
    )
    achieved = 400  # 假设：每张 H100 实际达到的 TFLOP/s
    right, wrong = achieved / dense, achieved / H100_SPARSE_BF16_TFLOPS
    print(f"每张卡实际 {achieved} TFLOP/s：MFU {right:.1%}；用带稀疏的峰值当分母，只剩 {wrong:.1%}")
