"""问一次大模型要多少电？利用率和输出长度各占多少？"""

from business.inference.compute_bound import forward_tokens_per_s
from business.inference.limits import fraction, non_negative
from training.energy.training_energy import energy_kwh

H100_BF16_TFLOPS = 989
DGX_H100_KW = 10.2
EPOCH_QUERY = (100, 500, 10, 1.2, 70)  # 激活参数（十亿）、输出 token、利用率 %、PUE、功率占额定 %


def query_wh(
    params: float,
    output_tokens: float,
    flop_per_s: float,
    utilisation: float,
    watts: float,
    pue: float,
    load: float,
) -> float:
    """一次查询的电（Wh）= 卡时 × 额定功率 × 负载 × PUE（Epoch AI 的估算表）。

    卡时按算力推：输出 token ÷ 每秒能算的 token 数。load 是平均功率占额定功率的比例。
    """
    non_negative(output_tokens=output_tokens, watts=watts)
    fraction(utilisation=utilisation, load=load)
    hours = output_tokens / forward_tokens_per_s(params, flop_per_s, utilisation) / 3_600
    return energy_kwh(hours, 1, watts * load, pue) * 1_000


if __name__ == "__main__":
    billions, tokens, used, pue, load = EPOCH_QUERY
    watts = DGX_H100_KW * 1_000 / 8
    fixed = (H100_BF16_TFLOPS * 1e12, used / 100, watts, pue, load / 100)
    base = query_wh(billions * 1e9, tokens, *fixed)
    print(f"{billions * 10:,} 亿激活参数，输出 {tokens} 个 token：{base:.3f} Wh")
    print(f"输出 {3 * tokens:,} 个 token：{query_wh(billions * 1e9, 3 * tokens, *fixed):.3f} Wh")
    print(f"激活参数是它的五分之一：{query_wh(billions * 1e9 / 5, tokens, *fixed):.3f} Wh")
    half = query_wh(billions * 1e9, tokens, fixed[0], used / 200, *fixed[2:])
    print(f"利用率从 {used}% 降到 {used // 2}%：{half:.3f} Wh")
