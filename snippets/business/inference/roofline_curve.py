"""批越大吞吐越高，到哪里被带宽、算力和显存拦住？（标准输出是一幅 SVG）"""

import numpy as np

from business.inference.compute_bound import forward_tokens_per_s
from business.inference.context_price import fullest_batch, gqa_bytes, params, weight_bytes
from business.inference.roofline import H100_BF16_TFLOPS, H100_TB_PER_S, decode_tokens_per_s
from index.figure import canvas, svg


def figure() -> str:
    fig, ax = canvas("roofline_curve", height=4.2)
    flop_per_s, bytes_per_s = 8 * H100_BF16_TFLOPS * 1e12, 8 * H100_TB_PER_S * 1e12

    def curve(batches, kv_bytes: float, flop_per_s: float):
        model = (kv_bytes, weight_bytes, params, bytes_per_s, flop_per_s)
        return np.round([decode_tokens_per_s(b, *model) for b in batches], 3)

    limit = {"color": "black", "linewidth": 0.8}
    batches = np.round(np.geomspace(1, 1_024, 81), 3)
    unlimited = 1e30  # 只剩带宽的限制
    ax.plot(
        batches, curve(batches, 0, unlimited), linestyle="--", label="只受权重带宽限制", **limit
    )
    top = round(forward_tokens_per_s(params, flop_per_s), 3)
    ax.axhline(top, linestyle=":", label="只受算力限制", **limit)
    for tokens, color in ((2_048, "#43a047"), (8_192, "#1e88e5"), (32_768, "#e65100")):
        most = fullest_batch(tokens, gqa_bytes)
        steps = np.round(np.geomspace(1, most, 41), 3)
        line = curve(steps, tokens * gqa_bytes, flop_per_s)
        ax.plot(steps, line, color=color, label=f"上下文 {tokens:,}")
        ax.plot(most, line[-1], "o", color=color)
    ax.set(
        xscale="log", yscale="log", xlabel="批大小", ylabel="token/s（一台八卡）", ylim=(100, 1e5)
    )
    ax.set_xticks([1, 10, 100, 1_000], ["1", "10", "100", "1,000"])
    ax.set_yticks([100, 1_000, 10_000, 100_000], ["100", "1,000", "1 万", "10 万"])
    fig.legend(loc="outside upper center", ncols=2, frameon=False)
    return svg(fig)


if __name__ == "__main__":
    print(figure(), end="")
