"""推理的几行由几个公式合成：各用到哪几页的函数？"""

from appendix.reconciliation.summary import users
from business.applications.agent_cost import call_cost_usd
from business.inference.compute_bound import forward_tokens_per_s
from business.inference.kv_cache import kv_bytes_per_token, mla_bytes_per_token
from business.inference.roofline import decode_step_s
from business.inference.token_cost import usd_per_mtok


def gpt3_floor_usd_per_ktok(params, flop_per_s, mfu, usd_per_server_hour, gpus):
    """只按算力推的成本下限（美元/千 token）：一台服务器摊到每张卡，输入输出同价。"""
    tokens_per_s = forward_tokens_per_s(params, flop_per_s, mfu)
    return usd_per_mtok(usd_per_server_hour / gpus, tokens_per_s) / 1_000


def prefill_s(tokens, params, flop_per_s, mfu):
    """预填充的秒数：token 数 ÷ 每秒前向的 token 数。"""
    return tokens / forward_tokens_per_s(params, flop_per_s, mfu)


def bandwidth_step_s(batch, kv_bytes_per_sequence, weight_bytes, bytes_per_s):
    """小批量的解码一步（秒）：算力取一个用不完的数，只剩带宽的限制。"""
    enough = 1e30
    return decode_step_s(batch, kv_bytes_per_sequence, weight_bytes, 1, bytes_per_s, enough)


def bandwidth_tokens_per_s(batch, kv_bytes_per_sequence, weight_bytes, bytes_per_s):
    """同上，每秒的 token 数。"""
    return batch / bandwidth_step_s(batch, kv_bytes_per_sequence, weight_bytes, bytes_per_s)


def int8_step_s(batch, kv_bytes_per_sequence, params, bytes_per_s, flop_per_s):
    """权重 int8、每个参数一字节时，解码一步的秒数。"""
    return decode_step_s(batch, kv_bytes_per_sequence, params, params, bytes_per_s, flop_per_s)


def uncached_call_usd(input_tokens, output_tokens, input_usd_per_mtok, output_usd_per_mtok):
    """一次没有命中缓存的调用（美元）。"""
    return call_cost_usd(input_tokens, 0, output_tokens, input_usd_per_mtok, output_usd_per_mtok)


def three_calls_usd(in1, out1, in2, hit2, out2, in3, hit3, out3, usd_in, usd_out, hit_ratio):
    """一个任务三次调用的成本（美元）；价格是美元/百万 token，第一次没有缓存可命中。"""
    calls = ((in1, 0, out1), (in2, hit2, out2), (in3, hit3, out3))
    return sum(call_cost_usd(*call, usd_in, usd_out, hit_ratio) for call in calls)


def kv_saving(layers, kv_heads, head_dim, value_bits, mla_layers, latent, rope, mla_bits):
    """MLA 比 GQA 省下的 KV cache 占比，两边可以用不同的位数。"""
    mla = mla_bytes_per_token(mla_layers, latent, rope, mla_bits / 8)
    return 1 - mla / kv_bytes_per_token(layers, kv_heads, head_dim, value_bits / 8)


if __name__ == "__main__":
    print(*users(__file__), sep="\n")
