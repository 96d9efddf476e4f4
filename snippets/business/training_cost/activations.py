"""激活要占多少显存？少存多少，就要多算多少？"""

from business.inference.limits import positive

GPT3_LAYERS_WIDTH_HEADS_SEQUENCE = (96, 12_288, 96, 2_048)
MEGATRON_RECOMPUTE_SECONDS = (18.13, 13.75)  # 一步：全部重算、选择性重算加序列并行


def attention_activation_ratio(heads: float, sequence: float, width: float) -> float:
    """每层注意力的激活是 5as/h 份 sbh，其余是 34 份（arXiv:2205.05198 式 1）。"""
    positive(heads=heads, sequence=sequence, width=width)
    return 5 * heads * sequence / width


def activation_bytes_per_layer(
    sequence: float, batch: float, width: float, heads: float, recompute: str = "none"
) -> float:
    """每层存下的激活，单位字节，半精度，不做张量并行（arXiv:2205.05198 表 2）。

    none 全存：sbh(34 + 5as/h)；selective 重算注意力：34sbh；full 只留每层的输入：2sbh。
    """
    if recompute not in ("none", "selective", "full"):
        raise ValueError(f"recompute 必须是 none、selective 或 full，收到 {recompute}")
    positive(batch=batch)
    attention = attention_activation_ratio(heads, sequence, width)
    if recompute == "full":
        return 2 * sequence * batch * width
    if recompute == "selective":
        return 34 * sequence * batch * width
    return (34 + attention) * sequence * batch * width


if __name__ == "__main__":
    layers, width, heads, sequence = GPT3_LAYERS_WIDTH_HEADS_SEQUENCE
    ratio = attention_activation_ratio(heads, sequence, width)
    print(f"GPT-3，每层注意力 {ratio:.0f} 份，其余 34 份")
    most = activation_bytes_per_layer(sequence, 1, width, heads)
    for recompute in ("none", "selective", "full"):
        layer = activation_bytes_per_layer(sequence, 1, width, heads, recompute)
        print(f"{recompute:9}：一条序列 {layers * layer / 1e9:5.1f} GB，省 {1 - layer / most:.1%}")
    slow, fast = MEGATRON_RECOMPUTE_SECONDS
    print(f"一步 {slow} 秒 → {fast} 秒：每秒的 token 多 {slow / fast - 1:.1%}")
