"""一台推理服务器里，别人的预填充怎样拖慢你的解码？（SimPy 离散事件模拟）"""

import simpy

from business.inference.compute_bound import forward_tokens_per_s
from business.inference.kv_cache import LLAMA3_70B_KV, kv_bytes_per_token
from business.inference.roofline import H100_BF16_TFLOPS, H100_TB_PER_S, decode_step_s
from infrastructure.performance.serving_metrics import longest_gap_s, tpot_s, ttft_s

params, flop_per_s, bytes_per_s = 70e9, 8 * H100_BF16_TFLOPS * 1e12, 8 * H100_TB_PER_S * 1e12


def prefill_s(tokens: float) -> float:
    return tokens / forward_tokens_per_s(params, flop_per_s, mfu=0.4)  # 假设：MFU 40%


def decode_s(context_tokens: list[int]) -> float:
    """一批各有多长的上下文，解码一步要多久。"""
    batch, kv = len(context_tokens), kv_bytes_per_token(*LLAMA3_70B_KV, 2)
    per_sequence = kv * sum(context_tokens) / batch
    return decode_step_s(batch, per_sequence, 2 * params, params, bytes_per_s, flop_per_s)


def serve(arrivals_s, prompts, outputs, most: int, prefill=prefill_s, decode=decode_s) -> list:
    """返回每个请求的（到达时刻，各 token 的时刻）。有空位就先预填充队首，否则整批解码一步。"""
    env = simpy.Environment()
    queue, done = simpy.Store(env), [(sent, []) for sent in arrivals_s]

    def source():
        for i, sent in enumerate(arrivals_s):
            yield env.timeout(sent - env.now)
            queue.put(i)

    def engine(running=()):
        while True:  # 请求做完，没有事件了，模拟就停
            if not running or (queue.items and len(running) < most):
                new = yield queue.get()  # 没有请求就等
                yield env.timeout(prefill(prompts[new]))  # 正在解码的都停下来等它
                running, stepped = [*running, new], [new]
            else:
                yield env.timeout(decode([prompts[i] + len(done[i][1]) for i in running]))
                stepped = running
            for i in stepped:
                done[i][1].append(env.now)
            running = [i for i in running if len(done[i][1]) < outputs[i]]

    env.process(source())
    env.process(engine())
    env.run()
    return done


if __name__ == "__main__":
    print("700 亿参数，一台八卡 H100，预填充 MFU 40%（假设）；甲输入 1,000 个 token，生成 100 个")
    for second, when in ("没有别人", None), ("半路来了乙，输入 8,000 个", 0.3):
        arrivals = [0] if when is None else [0, when]
        (sent, times), *_ = serve(arrivals, [1_000, 8_000], [100, 100], most=64)
        print(f"{second}：甲的 TTFT {1e3 * ttft_s(sent, times):.0f} ms，", end="")
        print(f"TPOT {1e3 * tpot_s(times):.1f} ms，最长间隔 {1e3 * longest_gap_s(times):.0f} ms")
