"""物理下限离实测有多远？用 SGLang 公布的一次 DeepSeek 部署对照。"""

from business.inference.context_price import mla_bytes
from business.inference.roofline import H100_TB_PER_S, decode_step_s
from business.inference.token_cost import SGLANG_DECODE_TOKENS_PER_S, usd_per_mtok

SGLANG_DECODE = (9, 256, 2_000)  # 节点数、每张卡的批大小、每条的 KV 长度
H100_FP8_TFLOPS = 1_979  # 稠密
DEEPSEEK_V3_PARAMS_BILLION = 671
DEEPSEEK_V3_ACTIVE_100M = 370

if __name__ == "__main__":
    nodes, batch, tokens = SGLANG_DECODE
    gpus = 8 * nodes
    step = decode_step_s(
        gpus * batch,
        tokens * mla_bytes,
        DEEPSEEK_V3_PARAMS_BILLION * 1e9,  # FP8，每参数一字节；专家分散在各卡上，合起来读一遍
        DEEPSEEK_V3_ACTIVE_100M * 1e8,
        gpus * H100_TB_PER_S * 1e12,
        gpus * H100_FP8_TFLOPS * 1e12,
    )
    real = 8 * batch / SGLANG_DECODE_TOKENS_PER_S
    for name, seconds in (("物理下限", step), ("实测", real)):
        usd = usd_per_mtok(8 * 2, 8 * batch / seconds)  # 假设：每张卡每小时 2 美元
        print(f"{name}：每步 {seconds * 1e3:.1f} ms，每百万输出 token {usd:.3f} 美元")
    print(f"实测是下限的 {real / step:.1f} 倍")
