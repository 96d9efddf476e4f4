"""Token 经济学：已发表的数、页面上的比较、坏输入的报错，以及对任何输入都成立的规律。"""

import math
from pathlib import Path

import matplotlib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.inference import (
    api_or_self_host,
    compute_bound,
    context_price,
    cost_curve,
    daily_account,
    floor_and_measured,
    kv_cache,
    limits,
    margin,
    night_value,
    node_hours,
    price_falls,
    price_lists,
    prompt_cache,
    roofline,
    roofline_curve,
    token_cost,
)

V5E_BYTES_PER_S, V5E_FLOP_PER_S = 8.1e11, 1.97e14  # TPU v5e，scaling-book
money, share, count = st.floats(0.01, 1e4), st.floats(0.01, 1.0), st.floats(1, 1e6)


def output(snippet) -> str:
    return Path(snippet.__file__).with_suffix(".out").read_text(encoding="utf-8")


# 已发表的数


def test_sglang_cost_per_million_output_tokens():
    """LMSYS：0.20 美元，约为 DeepSeek 接口价的五分之一。"""
    usd = token_cost.usd_per_mtok(8 * 2, 22_282)
    assert usd == pytest.approx(0.20, rel=0.005)
    assert token_cost.break_even_utilisation(8 * 2, 22_282, 1.10) == pytest.approx(0.2, rel=0.1)


def test_deepseek_day_as_printed():
    cost = daily_account.gpu_cost_usd(226.75, 8, 2, 24)
    revenue = daily_account.revenue_usd(342e3, 266e3, 168e3, 0.14, 0.55, 2.19)
    assert cost == pytest.approx(87_072)
    assert revenue == pytest.approx(562_027, rel=0.0005)
    assert math.floor(100 * margin.markup(562_027, cost)) == 545
    rounding = 0.5e3 * (0.14 + 0.55 + 2.19)  # 每种 token 数最多舍入半个十亿
    assert 0 < revenue - 562_027 < rounding
    assert "差 0.01%" in output(daily_account)
    assert daily_account.hit_rate(342, 266) == pytest.approx(0.563, rel=0.002)
    nodes = node_hours.average_nodes(608e9, 73.7e3, 168e9, 14.8e3)
    assert nodes == pytest.approx(226.75, rel=0.002)


def test_gpt_floor_on_a_hundred():
    """Sunyan：每千 token 0.0035 美元；19.22 美元/小时的八卡 A100，峰值 312 TFLOP/s，MFU 21.3%。"""
    speed = compute_bound.forward_tokens_per_s(175e9, 312e12, 0.213)
    assert token_cost.usd_per_mtok(19.22 / 8, speed) / 1_000 == pytest.approx(0.0035, rel=0.01)


@pytest.mark.parametrize(
    ("batch", "kv", "weights", "params", "chips", "ms", "tolerance"),
    [
        (4, 819e6, 30e9, 30e9, 16, 2.5, 0.03),  # 来源把 2.57 截成 2.5
        (256, 819e6, 30e9, 30e9, 16, 21, 0.01),
        (32, 8_192 * 160e3, 70e9, 70e9, 8, 17, 0.02),
    ],
)
def test_published_decode_steps(batch, kv, weights, params, chips, ms, tolerance):
    machine = (chips * V5E_BYTES_PER_S, chips * V5E_FLOP_PER_S)
    step = roofline.decode_step_s(batch, kv, weights, params, *machine)
    assert 1e3 * step == pytest.approx(ms, rel=tolerance)


@pytest.mark.parametrize(
    ("batch", "kv_gb", "ms", "tokens_per_s"),
    [
        *zip((1, 8, 16, 32, 64, 240), [6.7] * 6, (4.98, 12.13, 20.30, 36.65, 69.33, 249.09),
             (200.61, 659.30, 787.99, 873.21, 923.13, 963.53)),
        *zip((1, 8, 16, 32, 64, 240), [1.34] * 6, (4.17, 5.60, 7.23, 10.50, 17.04, 52.99),
             (239.94, 1429.19, 2212.48, 3047.62, 3756.62, 4529.34)),
    ],
)  # fmt: skip
def test_published_table_of_batches(batch, kv_gb, ms, tokens_per_s):
    """scaling-book 第 7 章：Llama-2-13B 在八片 v5e 上，只算带宽；第二张表 KV 小五倍。"""
    model = (kv_gb * 1e9, 26e9, 13e9, 8 * 8.2e11, 1e30)
    assert 1e3 * roofline.decode_step_s(batch, *model) == pytest.approx(ms, rel=0.002)
    assert roofline.decode_tokens_per_s(batch, *model) == pytest.approx(tokens_per_s, rel=0.002)


@pytest.mark.parametrize(
    ("flop_per_s", "bytes_per_s", "bytes_per_param", "batch"),
    [(1e15, 3.35e12, 2, 298), (9.89e14, 3.35e12, 2, 295), (1.97e14, 8.2e11, 2, 240),
     (1.97e14, 8.2e11, 1, 120)],
)  # fmt: skip
def test_published_critical_batches(flop_per_s, bytes_per_s, bytes_per_param, batch):
    found = roofline.critical_batch(flop_per_s, bytes_per_s, bytes_per_param)
    assert found == pytest.approx(batch, rel=0.003)


def test_published_prefill():
    """70B、8,192 个 token、16 片 v5e、MFU 40%：0.91 秒。"""
    speed = compute_bound.forward_tokens_per_s(70e9, 16 * V5E_FLOP_PER_S, 0.4)
    assert 8_192 / speed == pytest.approx(0.91, rel=0.002)


@pytest.mark.parametrize(
    ("found", "published"),
    [
        (kv_cache.mla_bytes_per_token(61, 512, 64, 2), 70_272),  # arXiv:2505.09343 表 1
        (kv_cache.kv_bytes_per_token(80, 8, 128, 2), 327_680),  # 同上，Qwen-2.5-72B
        (kv_cache.kv_bytes_per_token(126, 8, 128, 2), 516_096),  # 同上，Llama-3.1-405B
        (kv_cache.kv_bytes_per_token(32, 8, 128, 2), 131_072),  # ml-engineering，Llama-3.1-8B
        (kv_cache.kv_bytes_per_token(80, 8, 128, 1), 160 * 1_024),  # scaling-book，int8
    ],
)
def test_published_kv_sizes(found, published):
    assert found == published


def test_published_kv_savings():
    """DeepSeek-V2 比 67B 省 93.3%，含 6 bit 量化；表里的 7.28 倍不等于它自己的数相除。"""
    v2, dense = kv_cache.mla_bytes_per_token(60, 512, 64, 6 / 8), (95, 8, 128, 2)
    assert 1 - v2 / kv_cache.kv_bytes_per_token(*dense) == pytest.approx(0.933, rel=0.001)
    assert round(327.680 / 70.272, 2) == 4.66
    assert round(516.096 / 70.272, 2) == 7.34
    assert "7.34 倍" in output(kv_cache) and "4.66 倍" in output(kv_cache)


@pytest.mark.parametrize(("chips", "bytes_per_value"), [(16, 2), (8, 1), (4, 0.5)])
def test_published_number_of_sequences(chips, bytes_per_value):
    """scaling-book 第 8 章（订正后）：70B、8k 上下文，三种精度都装得下 43 条。"""
    kv = kv_cache.kv_bytes_per_token(80, 8, 128, bytes_per_value)
    fits = kv_cache.max_sequences(chips * 16e9, 70e9 * bytes_per_value, kv, 8_192)
    assert math.floor(fits) == 43


def test_published_prices_of_caching():
    """Claude 价目表：输入 5 美元，五分钟写入 6.25，一小时写入 10，命中 0.50。"""
    write, hour, read = (
        prompt_cache.CACHE_WRITE_RATIO,
        prompt_cache.CACHE_WRITE_HOUR_RATIO,
        prompt_cache.CACHE_READ_RATIO,
    )
    assert prompt_cache.prefix_cost_usd(1e6, 1, 5, write, read) == 6.25
    assert prompt_cache.prefix_cost_usd(1e6, 1, 5, hour, read) == 10
    once = prompt_cache.prefix_cost_usd(1e6, 1, 5, hour, read)
    assert prompt_cache.prefix_cost_usd(1e6, 2, 5, hour, read) - once == pytest.approx(0.50)


# 页面上的数和比较


def test_halves_on_the_page():
    """利用率、吞吐、标价减半，盈亏线同样翻倍；毛利率 82%、64%、27%。"""
    for used, percent in ((1, 82), (0.5, 64), (0.25, 27)):
        cost = token_cost.usd_per_mtok(16, 22_282, used)
        assert round(100 * margin.gross_margin(1.10, cost)) == percent
    even = token_cost.break_even_utilisation(16, 22_282, 1.10)
    assert round(100 * even, 1) == 18.1
    assert token_cost.break_even_utilisation(16, 11_141, 1.10) == pytest.approx(2 * even)
    assert token_cost.break_even_utilisation(16, 22_282, 0.55) == pytest.approx(2 * even)


def test_day_at_other_prices():
    """本站推算：V3 标价 280,560 美元、222%、69.0%；实收 15.5% 就不亏；输出占 65%。"""
    cost = 87_072
    v3 = daily_account.revenue_usd(342e3, 266e3, 168e3, 0.07, 0.27, 1.10)
    assert v3 == pytest.approx(280_560)
    assert round(100 * margin.markup(v3, cost)) == 222
    assert round(100 * margin.gross_margin(v3, cost), 1) == 69.0
    assert round(100 * margin.gross_margin(562_027, cost), 1) == 84.5
    assert f"{cost / 562_027:.1%}" == "15.5%" and "15.5%" in output(daily_account)
    assert round(100 * 168e3 * 2.19 / 562_100) == 65 and "占收入 65%" in output(daily_account)


def test_day_by_kind():
    """逐步手算：168e9 ÷ 14,800 ÷ 3,600 个节点小时，乘 16 美元。"""
    decode, prefill = 168e9 / 14_800 / 3_600, 608e9 / 73_700 / 3_600
    assert (round(decode), round(prefill)) == (3_153, 2_292)
    usd = {
        "解码": decode * 16 / 168e3,
        "预填充": prefill * 16 / 608e3,
        "未命中的输入": prefill * 16 / 266e3,
        "不分种类": (decode + prefill) * 16 / 776e3,
    }
    assert {name: round(value, 3) for name, value in usd.items()} == {
        "解码": 0.300,
        "预填充": 0.060,
        "未命中的输入": 0.138,
        "不分种类": 0.112,
    }
    lines = output(node_hours).splitlines()
    for name, value in usd.items():
        assert any(name in line and f"{value:.3f} 美元" in line for line in lines)
    assert "226.86" in lines[0] and "0.05%" in lines[0]


def test_batching_is_cheaper_and_slower():
    model = (8_192 * 327_680, 140e9, 70e9, 8 * 3.35e12, 8 * 989e12)
    steps = [roofline.decode_step_s(b, *model) for b in (1, 8, 32, 162)]
    usd = [token_cost.usd_per_mtok(23.6, b / t) for b, t in zip((1, 8, 32, 162), steps)]
    assert steps == sorted(steps) and usd == sorted(usd, reverse=True)
    assert [round(1e3 * t, 1) for t in steps] == [5.3, 6.0, 8.4, 21.5]
    assert [round(x, 2) for x in usd] == [34.90, 4.94, 1.73, 0.87]
    assert all(f"{x:.2f} 美元" in output(roofline) for x in usd)
    assert "临界批大小 295" in output(roofline) and "算成 590" in output(roofline)


def test_prefill_floor_is_below_the_decode_floor():
    """F ÷ 2N 个 token 每秒；MFU 40% 时仍比 8,192 上下文的解码便宜，到 2,048 就不再便宜。"""
    gqa = context_price.gqa_bytes
    for tokens, dearer in ((8_192, True), (2_048, False)):
        batch = context_price.fullest_batch(tokens, gqa)
        decode = context_price.decode_usd_per_mtok(batch, tokens, gqa)[1]
        assert (decode > 0.29) == dearer
    per_s = 8 * 989e12 / 140e9
    for mfu, usd in ((1.0, 0.12), (0.4, 0.29)):
        assert round(23.6 / (per_s * mfu * 0.0036), 2) == usd < 0.87
        assert f"{per_s * mfu:,.0f} token/s，每百万输入 token {usd} 美元" in output(compute_bound)


def test_measured_run_is_slower_than_the_floor():
    """每张卡：读 256 条 KV 加乘法；权重只有 671e9 ÷ 72 字节，读得比算得快。"""
    attention, weights = 256 * 2_000 * 70_272 / 3.35e12, 671e9 / 72 / 3.35e12
    matmul = 2 * 256 * 37e9 / 1_979e12
    assert weights < matmul
    floor, measured = attention + matmul, 8 * 256 / 22_282
    assert f"每步 {1e3 * floor:.1f} ms" in output(floor_and_measured)
    assert f"每步 {1e3 * measured:.1f} ms" in output(floor_and_measured)
    assert f"{measured / floor:.1f} 倍" == "4.5 倍" and "4.5 倍" in output(floor_and_measured)
    steps_of_price = [round(16 * t / (8 * 256) / 0.0036, 3) for t in (floor, measured)]
    assert steps_of_price == [0.044, 0.199]
    assert 0.044 < 0.199 < 0.300 < 1.10, "台阶应一级高过一级"


def test_full_memory_makes_price_proportional_to_length():
    gqa, mla = context_price.gqa_bytes, context_price.mla_bytes
    assert (gqa, mla) == (327_680, 70_272)
    lengths = (2_048, 8_192, 32_768, 131_072)
    most = [context_price.fullest_batch(n, gqa) for n in lengths]
    assert most == [649, 162, 40, 10]
    assert all(140e9 + b * n * gqa <= 0.9 * 640e9 for b, n in zip(most, lengths))
    assert all(140e9 + (b + 1) * n * gqa > 0.9 * 640e9 for b, n in zip(most, lengths))
    prices = [context_price.decode_usd_per_mtok(b, n, gqa) for b, n in zip(most, lengths)]
    for step, _ in prices[1:]:  # 卡在带宽：一步就是把用到的显存读一遍
        assert step == pytest.approx(0.9 * 80e9 / 3.35e12, rel=0.02)
    assert [round(usd, 2) for _, usd in prices] == [0.28, 0.87, 3.48, 13.93]
    assert prices[2][1] / prices[1][1] == pytest.approx(32_768 / 8_192, rel=0.01)
    batch = context_price.fullest_batch(8_192, mla)
    small = context_price.decode_usd_per_mtok(batch, 8_192, mla)[1]
    assert round(small, 2) == 0.26 < prices[1][1]
    assert "0.26 美元" in output(context_price)
    assert batch > 295 > most[1], "MLA 过了临界批，GQA 没有"


def test_halving_every_byte_at_least_halves_the_floor():
    """追问：权重和 KV 减半、峰值翻倍，一步正好减半；多装几条还会更低。"""
    model, small = (2.7e9, 140e9, 70e9, 2.7e13, 7.9e15), (1.35e9, 70e9, 70e9, 2.7e13, 15.8e15)
    same = roofline.decode_tokens_per_s(162, *small) / roofline.decode_tokens_per_s(162, *model)
    assert same == pytest.approx(2)
    more = roofline.decode_tokens_per_s(374, *small) / roofline.decode_tokens_per_s(162, *model)
    assert more > 2


@pytest.mark.parametrize(("write", "first_paying_use"), [(1.25, 2), (2, 3), (1, 2)])
def test_cache_pays_from_the_use_we_say(write, first_paying_use):
    cost = [prompt_cache.prefix_cost_usd(10_000, m, 3, write, 0.1) for m in range(1, 6)]
    plain = [prompt_cache.prefix_cost_usd(10_000, m, 3, 1, 1) for m in range(1, 6)]
    pays = [cached < full for cached, full in zip(cost, plain)]
    assert pays.index(True) + 1 == first_paying_use and all(pays[first_paying_use - 1 :])


def test_cache_output_by_hand():
    """10,000 个 token、每百万 3 美元，一次 3 美分。"""
    for uses in (1, 2, 3, 10, 100):
        costs = [3.0 * uses, 3 * (1.25 + 0.1 * (uses - 1)), 3 * (2 + 0.1 * (uses - 1))]
        assert "不缓存 {:.2f}，五分钟 {:.2f}，一小时 {:.2f}".format(*costs) in output(prompt_cache)
    assert "五分钟的省 -25%" in output(prompt_cache)
    assert f"{0.5 * (1.25 + 9.9) / 100:.1%}" == "5.6%" and "5.6%" in output(prompt_cache)


def test_price_lists_by_hand():
    lists = [
        (price_lists.DEEPSEEK_V3_USD_PER_MTOK, 4),
        (price_lists.DEEPSEEK_R1_USD_PER_MTOK, 4),
        (price_lists.DEEPSEEK_V4_PRO_MAY_USD_PER_MTOK, 120),
        (price_lists.DEEPSEEK_V4_PRO_USD_PER_MTOK, 30),
        (price_lists.DEEPSEEK_V4_PRO_PEAK_USD_PER_MTOK, 30),
    ]
    lines = output(price_lists).splitlines()[1:]
    for line, ((hit, miss, out), ratio) in zip(lines, lists):
        assert round(miss / hit) == ratio and f"1:{ratio}，" in line
        assert f"{(342 * hit + 266 * miss + 168 * out) / 776:.3f} 美元" in line
    quiet, peak = (
        price_lists.DEEPSEEK_V4_PRO_USD_PER_MTOK,
        price_lists.DEEPSEEK_V4_PRO_PEAK_USD_PER_MTOK,
    )
    assert [p / q for p, q in zip(peak, quiet)] == pytest.approx([2, 2, 2])
    assert quiet[2] > price_lists.DEEPSEEK_V4_PRO_MAY_USD_PER_MTOK[2], "空闲价也涨了"
    even = 35 / 168
    assert f"占一周的 {even:.1%}" in output(price_lists)
    for busy in (even, 0.4):
        multiple = (1 - busy) * 1 + busy * 2
        assert f"占 {busy:.1%}，平均价是空闲价的 {multiple:.2f} 倍" in output(price_lists)


def test_night_nodes_in_money():
    """本站推算：278 个节点整天 106,752 美元，加价率 426%，成本涨 22.6%。"""
    whole = 278 * 8 * 2 * 24
    text = output(night_value)
    assert whole == 106_752 and "106,752" in text
    assert whole - 87_072 == 19_680 and "19,680" in text
    assert f"{19_680 * 365 / 1e4:.0f} 万美元" in text
    assert f"{(562_027 - whole) / whole:.0%}" == "426%" and "加价率 426%" in text
    assert f"{whole / 776e3:.3f}" == "0.138" and "0.138 美元" in text
    assert f"{278 / 226.75 - 1:.1%}" == "22.6%" and "22.6%" in text


def test_self_hosting_by_hand():
    """均价 280,560 ÷ 776,000；每节点每天 776 ÷ 226.86 十亿。"""
    price, per_node = 280_560 / 776e3, 776 / 226.8636
    for nodes, gain, share_needed in ((12, 1, "31%"), (12, 1 / 3, "93%"), (2, 1 / 5, "155%")):
        need = api_or_self_host.break_even_mtok_per_day(nodes * 16, price)
        assert need == pytest.approx(nodes * 16 * 24 / price)
        assert f"{need / 1e3 / (nodes * per_node * gain):.0%}" == share_needed
        assert f"要用到 {share_needed}" in output(api_or_self_host)
    assert f"{87_072 / 280_560:.0%}" == "31%", "效率相同时，门槛就是成本与收入之比"
    assert f"{12 * 16 * 24 / price / 100:.0f} 亿" == "127 亿" and "127 亿" in output(
        api_or_self_host
    )


def test_half_the_price_or_half_the_use():
    """V3 标价：利用率减半与价格减半，毛利率都从 69.0% 到 37.9%；归零要 1.7、3.5 年。"""
    halves = [1 - 2 * 87_072 / 280_560, 1 - 87_072 / (280_560 / 2)]
    assert [round(100 * half, 1) for half in halves] == [37.9, 37.9]
    lines = [line for line in output(price_falls).splitlines() if line.startswith("V3")]
    assert "一年后 37.9%，1.7 年归零" in lines[0] and "3.5 年归零" in lines[1]
    assert "一年后 69.0%，不会归零" in lines[2]
    price, cost, years = 280_560.0, 87_072.0, 0
    while cost < price:  # 逐年递推，跨过零点的那一年
        price, cost, years = price * 0.5, cost * 0.7, years + 1
    assert years == 4  # 3.5 年，向上取整


@pytest.mark.parametrize(
    ("figure", "labels"),
    [
        (cost_curve.figure, ["满载 22,282 token/s", "吞吐减半", "标价 1.10 美元", "18.1%"]),
        (roofline_curve.figure, ["只受算力限制", "只受权重带宽限制", "上下文 8,192"]),
    ],
)
def test_figures_are_labelled(figure, labels):
    with matplotlib.rc_context():
        svg = figure()
    assert all(f">{label}<" in svg for label in labels)


# 坏输入


GOOD = {
    token_cost.usd_per_mtok: {"usd_per_hour": 16, "tokens_per_s": 100, "utilisation": 0.5},
    token_cost.break_even_utilisation: {
        "usd_per_hour": 16, "tokens_per_s": 100, "price_usd_per_mtok": 1},
    daily_account.gpu_cost_usd: {
        "nodes": 1, "gpus_per_node": 8, "usd_per_gpu_hour": 2, "hours": 24},
    daily_account.revenue_usd: {
        "hit_mtok": 1, "miss_mtok": 1, "output_mtok": 1, "hit_usd_per_mtok": 1,
        "miss_usd_per_mtok": 1, "output_usd_per_mtok": 1},
    daily_account.hit_rate: {"hit_mtok": 1, "miss_mtok": 1},
    node_hours.average_nodes: {
        "input_tokens": 1, "input_tokens_per_s": 1, "output_tokens": 1, "output_tokens_per_s": 1,
        "seconds": 1},
    roofline.decode_step_s: {
        "batch": 1, "kv_bytes_per_sequence": 1, "weight_bytes": 1, "params": 1, "bytes_per_s": 1,
        "flop_per_s": 1},
    roofline.decode_tokens_per_s: {
        "batch": 1, "kv_bytes_per_sequence": 1, "weight_bytes": 1, "params": 1, "bytes_per_s": 1,
        "flop_per_s": 1},
    roofline.critical_batch: {"flop_per_s": 1, "bytes_per_s": 1, "bytes_per_param": 2},
    compute_bound.forward_tokens_per_s: {"params": 1, "flop_per_s": 1, "mfu": 0.5},
    kv_cache.kv_bytes_per_token: {
        "layers": 1, "kv_heads": 1, "head_dim": 1, "bytes_per_value": 2},
    kv_cache.mla_bytes_per_token: {
        "layers": 1, "latent_dim": 1, "rope_dim": 1, "bytes_per_value": 2},
    kv_cache.max_sequences: {
        "memory_bytes": 9, "weight_bytes": 1, "kv_bytes_per_token": 1, "tokens": 1},
    prompt_cache.prefix_cost_usd: {
        "prefix_tokens": 1, "uses": 2, "usd_per_mtok": 1, "write_ratio": 1, "read_ratio": 1},
    margin.gross_margin: {"price_usd": 1, "cost_usd": 1},
    margin.markup: {"price_usd": 1, "cost_usd": 1},
    api_or_self_host.break_even_mtok_per_day: {"usd_per_hour": 1, "price_usd_per_mtok": 1},
}  # fmt: skip
ZERO_IS_FINE = {
    "usd_per_hour", "nodes", "gpus_per_node", "usd_per_gpu_hour", "hours", "hit_mtok", "miss_mtok",
    "output_mtok", "hit_usd_per_mtok", "miss_usd_per_mtok", "output_usd_per_mtok", "input_tokens",
    "output_tokens", "kv_bytes_per_sequence", "rope_dim", "memory_bytes", "prefix_tokens",
    "usd_per_mtok", "write_ratio", "read_ratio",
}  # fmt: skip
EACH_ARGUMENT = [(f, name) for f, arguments in GOOD.items() for name in arguments]


@pytest.mark.parametrize("value", [-1, math.nan, math.inf])
@pytest.mark.parametrize(("function", "name"), EACH_ARGUMENT)
def test_impossible_argument_is_named(function, name, value):
    with pytest.raises(ValueError, match=rf"^{name} 必须.*收到 {value}"):
        function(**(GOOD[function] | {name: value}))


@pytest.mark.parametrize(("function", "name"), EACH_ARGUMENT)
def test_zero_is_refused_only_where_it_divides(function, name):
    arguments = GOOD[function] | {name: 0}
    free = {(margin.gross_margin, "cost_usd"), (margin.markup, "price_usd")}
    free |= {(kv_cache.max_sequences, "weight_bytes")}
    if name in ZERO_IS_FINE or (function, name) in free:
        assert math.isfinite(function(**arguments))
    else:
        with pytest.raises(ValueError, match=f"^{name} 必须"):
            function(**arguments)


@pytest.mark.parametrize(
    ("function", "name"),
    [(token_cost.usd_per_mtok, "utilisation"), (compute_bound.forward_tokens_per_s, "mfu")],
)
def test_more_than_everything_is_refused(function, name):
    with pytest.raises(ValueError, match=f"^{name} 必须大于 0 且不超过 1，收到 1.01"):
        function(**(GOOD[function] | {name: 1.01}))
    assert function(**(GOOD[function] | {name: 1})) > 0


def test_other_bad_input_is_named():
    with pytest.raises(ValueError, match="uses 必须是不小于 1 的有限数，收到 0.5"):
        prompt_cache.prefix_cost_usd(1, 0.5, 1, 1, 1)
    with pytest.raises(ValueError, match="input_mtok 必须是有限的正数，收到 0"):
        daily_account.hit_rate(0, 0)
    for rate in (-1, math.inf, math.nan):
        with pytest.raises(ValueError, match="rate 必须是大于 -1 的有限数"):
            margin.margin_from_markup(rate)
    for value in (1, -math.inf, math.nan):
        with pytest.raises(ValueError, match="margin 必须是小于 1 的有限数"):
            margin.markup_from_margin(value)


@pytest.mark.parametrize(
    ("check", "allowed", "refused"),
    [
        (limits.non_negative, (0, 1e300), (-1e-9, math.inf, -math.inf, math.nan)),
        (limits.positive, (1e-300, 1e300), (0, -1, math.inf, math.nan)),
        (limits.fraction, (1e-9, 1), (0, -0.1, 1.0000001, 80, math.nan)),
        (limits.share, (0, 1), (-0.1, 1.0000001, 80, math.nan)),
        (limits.share, (0, 1), (-1e-9, 1.0000001, math.inf, -math.inf, math.nan)),
    ],
)
def test_limits(check, allowed, refused):
    for value in allowed:
        check(first=1, second=value)
    for value in refused:
        with pytest.raises(ValueError, match=f"^second 必须.*，收到 {value}$"):
            check(first=1, second=value)


# 规律


@given(money, count, share, share)
def test_cost_falls_with_utilisation(usd, speed, one, other):
    low, high = sorted((one, other))
    costs = [token_cost.usd_per_mtok(usd, speed, used) for used in (low, high)]
    assert costs[0] >= costs[1]
    assert costs[0] * low == pytest.approx(costs[1] * high)


@given(money, count, money)
def test_margin_is_zero_at_break_even_and_is_the_ratio_elsewhere(usd, speed, price):
    even = token_cost.break_even_utilisation(usd, speed, price)
    full = token_cost.usd_per_mtok(usd, speed)
    assert margin.gross_margin(price, full) == pytest.approx(1 - even)
    if even <= 1:
        cost = token_cost.usd_per_mtok(usd, speed, even)
        assert margin.gross_margin(price, cost) == pytest.approx(0, abs=1e-9)


@given(money, money)
def test_margin_and_markup_convert(price, cost):
    gross, rate = margin.gross_margin(price, cost), margin.markup(price, cost)
    assert margin.margin_from_markup(rate) == pytest.approx(gross, rel=1e-6, abs=1e-9)
    assert 1 + margin.markup_from_margin(gross) == pytest.approx(1 + rate)
    assert gross * price == pytest.approx(rate * cost, rel=1e-6, abs=1e-6)
    assert gross <= 1 and (gross < 0) == (price < cost)


@given(count, count, count, money, money, money)
def test_revenue_lies_between_the_cheapest_and_the_dearest(hit, miss, out, a, b, c):
    revenue = daily_account.revenue_usd(hit, miss, out, a, b, c)
    tokens = hit + miss + out
    assert min(a, b, c) * tokens * (1 - 1e-9) <= revenue <= max(a, b, c) * tokens * (1 + 1e-9)
    doubled = daily_account.revenue_usd(hit, miss, 2 * out, a, b, c)
    assert doubled - revenue == pytest.approx(out * c, rel=1e-6)
    assert daily_account.hit_rate(hit, miss) + daily_account.hit_rate(miss, hit) == pytest.approx(1)


@given(count, count, count, count)
def test_nodes_add_up_and_do_the_work(tokens_in, speed_in, tokens_out, speed_out):
    both = node_hours.average_nodes(tokens_in, speed_in, tokens_out, speed_out, 3_600)
    one = node_hours.average_nodes(tokens_in, speed_in, 0, speed_out, 3_600)
    other = node_hours.average_nodes(0, speed_in, tokens_out, speed_out, 3_600)
    assert both == pytest.approx(one + other)
    assert one * 3_600 * speed_in == pytest.approx(tokens_in)


model = st.tuples(
    st.floats(0, 1e10), st.floats(1e9, 1e12), st.floats(1e9, 1e12),
    st.floats(1e11, 1e14), st.floats(1e13, 1e17),
)  # fmt: skip


@given(st.floats(1, 1e4), st.floats(1, 1e4), model)
def test_larger_batches_are_slower_and_never_less_efficient(one, other, model):
    small, large = sorted((one, other))
    step = [roofline.decode_step_s(batch, *model) for batch in (small, large)]
    speed = [roofline.decode_tokens_per_s(batch, *model) for batch in (small, large)]
    assert step[0] <= step[1] * (1 + 1e-9)
    assert speed[0] <= speed[1] * (1 + 1e-9)


@given(st.floats(1, 1e4), model)
def test_no_decode_beats_either_limit(batch, model):
    _, weights, params, bytes_per_s, flop_per_s = model
    speed = roofline.decode_tokens_per_s(batch, *model)
    assert speed <= compute_bound.forward_tokens_per_s(params, flop_per_s) * (1 + 1e-9)
    assert speed <= batch * bytes_per_s / weights * (1 + 1e-9)


@given(st.floats(1e9, 1e12), st.floats(1e11, 1e14), st.floats(1e13, 1e17), st.sampled_from([1, 2]))
def test_at_the_critical_batch_both_limits_meet(params, bytes_per_s, flop_per_s, bytes_per_param):
    batch = roofline.critical_batch(flop_per_s, bytes_per_s, bytes_per_param)
    reading = params * bytes_per_param / bytes_per_s
    assert 2 * batch * params / flop_per_s == pytest.approx(reading)
    if batch >= 1:
        step = roofline.decode_step_s(batch, 0, params * bytes_per_param, params, bytes_per_s,
                                      flop_per_s)  # fmt: skip
        assert step == pytest.approx(reading)


@given(st.floats(1e9, 1e13), st.floats(1e9, 1e13), st.floats(1e3, 1e6), st.floats(1, 1e6))
def test_sequences_fill_the_memory(memory, weights, kv, tokens):
    fits = kv_cache.max_sequences(memory, weights, kv, tokens)
    assert fits * kv * tokens == pytest.approx(max(0, memory - weights))
    half = kv_cache.max_sequences(memory, weights, kv, 2 * tokens)
    assert half == pytest.approx(fits / 2)


@given(count, st.floats(1, 1e3), money, st.floats(1, 3), st.floats(0, 1))
def test_every_further_use_costs_one_read(tokens, uses, price, write, read):
    now, then = (
        prompt_cache.prefix_cost_usd(tokens, m, price, write, read) for m in (uses, uses + 1)
    )
    assert then - now == pytest.approx(price * tokens / 1e6 * read, rel=1e-4, abs=1e-9)
    plain = prompt_cache.prefix_cost_usd(tokens, uses, price, 1, 1)
    assert plain == pytest.approx(tokens / 1e6 * price * uses)


@given(money, money, count)
def test_self_hosting_breaks_even_at_the_same_utilisation(usd, price, speed):
    """平衡点的用量 ÷ 一天开满能做的量 = 盈亏利用率，两条路相同。"""
    need = api_or_self_host.break_even_mtok_per_day(usd, price)
    even = token_cost.break_even_utilisation(usd, speed, price)
    assert need / (speed * 86_400 / 1e6) == pytest.approx(even)
    assert need * price == pytest.approx(usd * 24)
