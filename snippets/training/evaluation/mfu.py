"""一次训练每一步用到峰值算力的百分之几？从 PaLM 公开的数字重算 MFU。"""

PALM_TOKENS_PER_SECOND = 238_300
PALM_CHIPS = 6_144
PALM_PARAMETERS_BILLION = 540.35
PALM_LAYERS_HEADS_HEAD_DIM_SEQUENCE = (118, 48, 256, 2048)
TPU_V4_BF16_TFLOPS = 275


def flop_per_token(parameters: float, layers=0, heads=0, head_dim=0, sequence=0) -> float:
    """每个 token 前向加反向要几次运算：6N + 12·L·H·Q·T（PaLM 附录 B）；不给层数就不算注意力。"""
    return 6 * parameters + 12 * layers * heads * head_dim * sequence


def mfu(tokens_per_s: float, flop_per_token: float, chips: int, peak_flop_per_s: float) -> float:
    """模型算力利用率 = 模型必需的 FLOP/s ÷ 全部芯片的峰值。重算激活不计入分子。

    任何一个参数不是正数时抛出 ValueError。
    """
    given = (tokens_per_s, flop_per_token, chips, peak_flop_per_s)
    if min(given) <= 0:
        raise ValueError(f"吞吐、运算次数、芯片数、峰值都要是正数，收到 {given}")
    return tokens_per_s * flop_per_token / (chips * peak_flop_per_s)


if __name__ == "__main__":
    parameters = PALM_PARAMETERS_BILLION * 1e9
    for label, shape in (("只算 6N", ()), ("加上注意力", PALM_LAYERS_HEADS_HEAD_DIM_SEQUENCE)):
        flop = flop_per_token(parameters, *shape)
        share = mfu(PALM_TOKENS_PER_SECOND, flop, PALM_CHIPS, TPU_V4_BF16_TFLOPS * 1e12)
        print(f"PaLM-540B，{label}：每个 token {flop / 1e12:.2f} TFLOP，MFU {share:.1%}")
