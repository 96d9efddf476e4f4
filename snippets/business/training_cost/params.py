"""从层数和宽度怎样数出参数量？"""

from business.inference.limits import positive

GPT2_124M_SHAPE = (12, 768, 50_257, 1_024)  # 层、宽、词表、序列长
MEGATRON_1T_SHAPE = (128, 25_600, 51_200, 2_048)
LLAMA3_70B_SHAPE = (80, 8_192, 28_672, 64, 8, 128, 128_256)
LLAMA2_VOCAB = 32_000


def gpt2_params(layers: int, width: int, vocab: int, sequence: int) -> int:
    """GPT-2 的参数，照 nanoGPT 的写法：没有偏置，输出层与词嵌入共用。

    每层 12h²，注意力占 4，前馈占 8；另有每层两个归一化、词嵌入和位置嵌入、最后的归一化。
    """
    positive(layers=layers, width=width, vocab=vocab, sequence=sequence)
    return layers * (12 * width**2 + 2 * width) + (vocab + sequence) * width + width


def megatron_params(layers: int, width: int, vocab: int, sequence: int) -> float:
    """GPT 的参数，含偏置：12lh²(1 + 13/(12h) + (V + s)/(12lh))（arXiv:2104.04473 式 2）。"""
    positive(layers=layers, width=width, vocab=vocab, sequence=sequence)
    rest = 13 / (12 * width) + (vocab + sequence) / (12 * layers * width)
    return 12 * layers * width**2 * (1 + rest)


def llama_params(
    layers: int, width: int, ffn_width: int, heads: int, kv_heads: int, head_dim: int, vocab: int
) -> int:
    """Llama 的参数（scaling-book，applied-training）：前馈三个矩阵，KV 头比查询头少。

    输入和输出的词表各一份；归一化的参数略去。
    """
    positive(layers=layers, width=width, ffn_width=ffn_width, vocab=vocab)
    positive(heads=heads, kv_heads=kv_heads, head_dim=head_dim)
    ffn = 3 * width * ffn_width
    attention = 2 * width * (heads + kv_heads) * head_dim
    return layers * (ffn + attention) + 2 * vocab * width


if __name__ == "__main__":
    layers, width, ffn_width, *heads, vocab = LLAMA3_70B_SHAPE
    llama3 = llama_params(*LLAMA3_70B_SHAPE)
    llama2 = llama_params(layers, width, ffn_width, *heads, LLAMA2_VOCAB)
    print(f"GPT-2 124M：{gpt2_params(*GPT2_124M_SHAPE):,}")
    print(f"Megatron 1T：{megatron_params(*MEGATRON_1T_SHAPE) / 1e9:,.1f} B")
    ffn = 3 * layers * width * ffn_width
    print(f"Llama-3-70B：{llama3 / 1e9:.1f} B，前馈占 {ffn / llama3:.0%}")
    print(f"同样的层，词表换成 {LLAMA2_VOCAB:,}，就是 Llama-2-70B：{llama2 / 1e9:.1f} B")
