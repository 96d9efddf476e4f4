"""训练成本一页的断言：公布的数、定律、比较和报错。"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from business.training_cost import (
    activations,
    checkpoint_bill,
    failure_bill,
    failures,
    flops,
    megatron_flop,
    params,
    planned_days,
    price,
    sensitivity,
    smallest_cluster,
    whole_run_bills,
)
from infrastructure.performance.busbw import bus_factor
from infrastructure.performance.checkpoint_interval import best_interval, lost_share
from training.distributed.ring_all_reduce import ring_all_reduce
from training.distributed.zero import bytes_per_device
from training.evaluation import whole_run
from training.evaluation.mfu import flop_per_token, mfu

sizes = st.integers(1, 4_096)
shares = st.floats(0.01, 1)
counts = st.integers(1, 100_000)

# 参数量


def test_parameter_counts_are_the_published_ones():
    assert params.gpt2_params(12, 768, 50_257, 1_024) == 124_337_664  # nanoGPT 的笔记本逐位相同
    assert params.megatron_params(128, 25_600, 51_200, 2_048) == pytest.approx(1_008.0e9, rel=1e-3)
    assert params.megatron_params(96, 12_288, 51_200, 2_048) == pytest.approx(174.6e9, rel=1e-3)
    llama3 = params.llama_params(80, 8_192, 28_672, 64, 8, 128, 128_256)
    assert llama3 == pytest.approx(70.4e9, rel=3e-3)  # 来源逐项取整再相加：56.3 + 2.1 + 12


def test_gpt2_parameters_are_the_sum_of_its_matrices():
    layers, h, vocab, sequence = 3, 20, 101, 7
    block = [(h,), (h, 3 * h), (h, h), (h,), (h, 4 * h), (4 * h, h)]
    shapes = layers * block + [(vocab, h), (sequence, h), (h,)]
    assert params.gpt2_params(layers, h, vocab, sequence) == sum(map(math.prod, shapes))


def test_llama_parameters_are_the_sum_of_its_matrices():
    layers, h, ffn, heads, kv_heads, d, vocab = 3, 24, 70, 4, 2, 5, 101
    block = [(h, heads * d), (h, kv_heads * d), (h, kv_heads * d), (heads * d, h)]
    block += [(h, ffn), (h, ffn), (ffn, h)]
    shapes = layers * block + [(vocab, h), (h, vocab)]
    given_shape = (layers, h, ffn, heads, kv_heads, d, vocab)
    assert params.llama_params(*given_shape) == sum(map(math.prod, shapes))


def test_megatron_parameters_are_the_sum_of_its_matrices_and_biases():
    layers, h, vocab, sequence = 3, 20, 101, 7
    block = [(h, 3 * h), (3 * h,), (h, h), (h,), (h, 4 * h), (4 * h,), (4 * h, h), (h,)]
    shapes = layers * (block + 4 * [(h,)]) + [(vocab, h), (sequence, h)]  # 两个归一化，各有两个向量
    total = sum(map(math.prod, shapes))
    assert params.megatron_params(layers, h, vocab, sequence) == pytest.approx(total)


@given(sizes, sizes, sizes, sizes, st.integers(0, 3))
def test_a_larger_model_has_more_parameters(layers, width, vocab, sequence, which):
    shape = [layers, width, vocab, sequence]
    larger = [size + (i == which) for i, size in enumerate(shape)]
    assert params.gpt2_params(*larger) > params.gpt2_params(*shape)
    assert params.megatron_params(*larger) > params.megatron_params(*shape)


# 运算次数、卡时、天数


def test_training_flop_is_the_published_one():
    assert flops.training_flop(175e9, 300e9) == pytest.approx(3.14e23, rel=5e-3)
    assert flops.training_flop(405e9, 15.6e12) == pytest.approx(3.8e25, rel=5e-3)
    assert flops.training_flop(70e9, 15e12) == pytest.approx(6.3e24)


def test_full_recompute_adds_a_third():
    plain = flops.training_flop(7e9, 1e12)
    assert flops.training_flop(7e9, 1e12, 8) == pytest.approx(plain * 4 / 3)
    assert plain == flop_per_token(7e9) * 1e12  # 与训练评估一页的 6N 是同一个数


def test_attention_is_small_at_8k_and_larger_than_the_rest_at_128k():
    short, long = (flop_per_token(405e9, 126, 128, 128, s) for s in (8_192, 131_072))
    assert 1.08 < short / flop_per_token(405e9) < 1.1
    assert long > 2 * flop_per_token(405e9)


@given(st.floats(1e18, 1e27), st.floats(1e12, 1e16), shares)
def test_gpu_hours_and_whole_run_mfu_are_inverse(flop, peak, share):
    hours = flops.gpu_hours(flop, peak, share)
    assert whole_run.whole_run_mfu(hours, flop, 1 / 6, peak) == pytest.approx(share)


@given(st.floats(1e18, 1e27), counts, st.floats(1e12, 1e16), shares)
def test_days_are_gpu_hours_shared_by_the_gpus(flop, gpus, peak, share):
    expected = whole_run.days(flops.gpu_hours(flop, peak, share), gpus)
    assert flops.days(flop, gpus, peak * share) == pytest.approx(expected)


@given(shares, shares)
def test_higher_mfu_never_costs_more(one, other):
    low, high = sorted((one, other))
    assert flops.gpu_hours(1e24, 1e15, high) <= flops.gpu_hours(1e24, 1e15, low)
    assert flops.gpu_hours(1e24, 1e15, one / 2) == pytest.approx(
        2 * flops.gpu_hours(1e24, 1e15, one)
    )


def test_megatron_formula_counts_every_multiplication():
    """逐个矩阵乘来数：每层前向 24Bsh² + 4Bs²h，重算一遍、反向两遍；输出层前向一遍、反向两遍。"""
    batch, s, layers, h, vocab = 5, 48, 7, 96, 1_000
    weights = h * 3 * h + h * h + 2 * h * 4 * h
    attention = 2 * s * h  # QKᵀ 和乘 V，每个 token
    layer = 2 * batch * s * (weights + attention)
    total = 4 * layers * layer + 3 * 2 * batch * s * h * vocab
    assert megatron_flop.megatron_flop_per_batch(batch, s, layers, h, vocab) == pytest.approx(total)


def test_exact_count_reproduces_opt_and_megatron_where_8nd_falls_short():
    layers, width, vocab, sequence = 96, 12_288, 51_200, 2_048
    batch = megatron_flop.megatron_flop_per_batch(1_536, sequence, layers, width, vocab)
    exact = 300e9 / (1_536 * sequence) * batch
    assert exact == pytest.approx(4.30e23, rel=5e-3)
    assert flops.days(exact, 384, 153e12) == pytest.approx(84, rel=1e-2)
    simple = flops.training_flop(174.6e9, 300e9, 8)
    assert flops.days(simple, 384, 153e12) < 84 < flops.days(exact, 384, 153e12)


def test_plans_reproduce_the_published_days():
    for factor, billion, tokens, gpus, tflops, published in planned_days.plans.values():
        flop = flops.training_flop(billion * 1e9, tokens * 1e9, factor)
        assert flops.days(flop, gpus, tflops * 1e12) == pytest.approx(published, rel=1e-2)
    assert flops.days(4.30e23, 1_024, 147e12) == pytest.approx(33, rel=5e-3)


def test_runs_took_longer_than_planned():
    assert planned_days.OPT_CALENDAR_DAYS > 1.6 * 33
    flop = flops.training_flop(176.247e9, 366e9, 8)
    actual = 1_082_990 / 384 / 24
    assert 1.1 < actual / flops.days(flop, 384, 150e12) < 1.15
    assert actual == pytest.approx(118, rel=1e-2)  # BLOOM 的碳排放论文写 118 天


# 账单


def test_bills_are_the_published_ones():
    assert price.cost_usd(1, 2.788e6, 2) == pytest.approx(5.576e6)
    assert sum(price.DEEPSEEK_V3_KGPU_HOURS) == 2_788
    assert price.DEEPSEEK_V3_KGPU_HOURS[0] == pytest.approx(180 * 14.8)
    assert price.cost_usd(32, 168, 8) == pytest.approx(43_000, rel=1e-3)
    assert price.cost_usd(8, 2, 3) == 48
    steps, seconds, usd = price.LLMC_1558M_STEPS_SECONDS_USD
    assert price.cost_usd(8, steps * seconds / 3_600, usd / 8) == pytest.approx(672)
    steps, seconds, usd = price.LLMC_124M_STEPS_SECONDS_USD
    assert steps * seconds / 60 == pytest.approx(94.3, rel=1e-3)
    assert price.cost_usd(8, steps * seconds / 3_600, usd / 8) == pytest.approx(20, rel=0.15)


def test_lambda_estimate_of_gpt3_is_reproduced():
    tflops, years, million = price.GPT3_LAMBDA_TFLOPS_YEARS_MUSD
    hours = flops.gpu_hours(3.14e23, tflops * 1e12, 1)
    assert math.floor(hours / 8_760) == years  # 来源舍去小数
    assert price.cost_usd(1, hours, 1.5) == pytest.approx(million * 1e6, rel=0.02)


def test_gpt2_fell_mostly_because_it_needs_fewer_chip_hours():
    cheaper, fewer = 8 / 3, 32 * 168 / (8 * 2)
    assert fewer > 100 * cheaper
    assert cheaper * fewer == pytest.approx(price.cost_usd(32, 168, 8) / price.cost_usd(8, 2, 3))


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 100))
def test_twice_the_price_is_twice_the_bill(gpus, hours, usd):
    twice = price.cost_usd(gpus, hours, 2 * usd)
    assert twice == pytest.approx(2 * price.cost_usd(gpus, hours, usd))


def whole_run_share(name):
    hours, (billion, tokens), tflops = whole_run_bills.runs[name]
    return whole_run.whole_run_mfu(hours, tokens * 1e9, billion * 1e9, tflops * 1e12)


def test_published_runs_use_less_than_the_peak():
    for name in whole_run_bills.runs:
        assert 0.3 < whole_run_share(name) < 0.45
    steps = {
        "PaLM-540B": mfu(238_300, flop_per_token(540.35e9, 118, 48, 256, 2_048), 6_144, 275e12),
        "MPT-70B": mfu(515_636, flop_per_token(64_862_437_376, 80, 64, 128, 2_048), 512, 989.5e12),
        "nanoGPT": 874_944_921_600 * 100 / 0.755 / 312e12,
        "Llama-3-405B": 430 / 989,
    }
    published = {"PaLM-540B": 0.462, "MPT-70B": 0.4125, "nanoGPT": 0.3714, "Llama-3-405B": 0.43}
    for name, share in steps.items():
        assert share == pytest.approx(published[name], rel=0.015) and share <= 1


def test_deepseek_is_cheap_because_it_computes_less_not_because_of_mfu():
    llama, deepseek = (whole_run_bills.runs[n] for n in ("Llama-3.1-405B", "DeepSeek-V3 预训练"))
    computed = math.prod(llama[1]) / math.prod(deepseek[1])
    assert computed == pytest.approx(llama[0] / deepseek[0], rel=0.01)  # 运算之比就是卡时之比
    deepseek_share = whole_run_share("DeepSeek-V3 预训练")
    assert deepseek_share == pytest.approx(whole_run_share("Llama-3.1-405B"), rel=0.01)
    hours, (billion, tokens), _ = deepseek  # 分母换成 FP8 的稠密峰值 1,979
    fp8 = whole_run.whole_run_mfu(hours, tokens * 1e9, billion * 1e9, 1_979e12)
    assert fp8 / deepseek_share < 0.5


def test_whole_run_mfu_and_bills_on_the_page():
    """本站推算的四个数，与 facts 里独立算过的一致。"""
    expected = {"Llama-2-70B": 0.429, "DeepSeek-V3 预训练": 0.346, "Llama-3.1-405B": 0.345}
    for name, share in expected.items():
        assert whole_run_share(name) == pytest.approx(share, abs=1.5e-3)
    assert price.cost_usd(1, whole_run_bills.runs["Llama-3.1-405B"][0], 2) == pytest.approx(61.68e6)
    assert price.cost_usd(1, whole_run_bills.runs["Llama-2-70B"][0], 2) == pytest.approx(
        3.44e6, rel=1e-3
    )
    assert whole_run_bills.H100_EARLY_2024_USD_PER_HOUR > 3 * 2  # 同一笔卡时，差出几倍
    bloom = price.cost_usd(1, whole_run_bills.runs["BLOOM"][0], 2)
    assert 2e6 < bloom < 5e6  # 模型卡估算 200 到 500 万美元，含前期实验


# 显存


def test_activation_figures_of_the_paper():
    assert activations.attention_activation_ratio(96, 2_048, 12_288) == 80
    none, selective, full = (
        activations.activation_bytes_per_layer(2_048, 1, 12_288, 96, r)
        for r in ("none", "selective", "full")
    )
    assert 1 - selective / none == pytest.approx(0.70, rel=5e-3)
    assert selective == 17 * full == 34 * 2_048 * 12_288
    slow, fast = activations.MEGATRON_RECOMPUTE_SECONDS
    assert slow / fast - 1 == pytest.approx(0.318, rel=5e-3)
    flop = flop_per_token(174.6e9, 96, 96, 128, 2_048)
    assert mfu(64 * 2_048 / fast, flop, 64, 312e12) == pytest.approx(0.514, rel=2e-3)


def test_fewer_activations_for_more_work_pays_in_flop():
    slow, fast = activations.MEGATRON_RECOMPUTE_SECONDS
    by_formula = flops.training_flop(1, 1, 8) / flops.training_flop(1, 1)
    assert slow / fast == pytest.approx(by_formula, rel=0.02)  # 实测接近 8 比 6


@given(sizes, counts, sizes, sizes)
def test_more_recompute_never_needs_more_memory(sequence, batch, width, heads):
    none, selective, full = (
        activations.activation_bytes_per_layer(sequence, batch, width, heads, r)
        for r in ("none", "selective", "full")
    )
    assert none > selective > full > 0
    ratio = activations.attention_activation_ratio(heads, sequence, width)
    assert none / selective == pytest.approx(1 + ratio / 34)
    for recompute, one in (("none", none), ("selective", selective), ("full", full)):
        more = activations.activation_bytes_per_layer(sequence, 3 * batch, width, heads, recompute)
        assert more == pytest.approx(3 * one)


@given(st.floats(1e6, 1e12), counts, st.integers(0, 3))
def test_later_stages_and_more_devices_never_need_more(parameters, devices, stage):
    here = bytes_per_device(parameters, devices, stage)
    assert bytes_per_device(parameters, devices + 1, stage) <= here
    assert bytes_per_device(parameters, devices, min(3, stage + 1)) <= here * (1 + 1e-12)


@given(st.floats(1e9, 1e12), st.integers(0, 3), st.floats(1e10, 2e11), st.floats(0, 1e10))
def test_smallest_cluster_fits_and_one_gpu_fewer_does_not(parameters, stage, memory, activation):
    gpus = smallest_cluster.smallest_cluster(parameters, stage, memory, activation)
    if gpus == math.inf:
        assert bytes_per_device(parameters, 1e12, stage) + activation >= memory * (1 - 1e-6)
        return
    assert bytes_per_device(parameters, gpus, stage) + activation <= memory * (1 + 1e-9)
    if gpus > 1:
        assert bytes_per_device(parameters, gpus - 1, stage) + activation > memory * (1 - 1e-9)


@given(st.floats(1e9, 1e12), st.floats(2e10, 2e11), st.floats(0, 1e10))
def test_later_stages_and_more_memory_never_need_more_gpus(parameters, memory, activation):
    gpus = [smallest_cluster.smallest_cluster(parameters, s, memory, activation) for s in range(4)]
    assert gpus == sorted(gpus, reverse=True)
    roomier = [
        smallest_cluster.smallest_cluster(parameters, s, 2 * memory, activation) for s in range(4)
    ]
    assert all(more <= less for more, less in zip(roomier, gpus))


def test_only_the_third_stage_holds_a_large_model():
    for billion in (70, 405):
        gpus = [smallest_cluster.smallest_cluster(billion * 1e9, s, 80e9, 13e9) for s in range(4)]
        assert gpus[:3] == 3 * [math.inf] and math.isfinite(gpus[3])
    assert smallest_cluster.smallest_cluster(405e9, 3, 80e9, 0) == 81  # 16 × 405 ÷ 80
    assert smallest_cluster.smallest_cluster(8e9, 0, 80e9, 0) == math.inf  # 16 × 8 = 128 GB


def test_ring_all_reduce_tends_to_twice_the_gradient():
    size = 1_024
    sent = [max(ring_all_reduce([np.ones(size) for _ in range(n)])[1]) / size for n in (2, 8, 128)]
    assert sent == sorted(sent) and 1.98 < sent[-1] < 2
    assert sent == [bus_factor("all-reduce", n) for n in (2, 8, 128)]


@given(st.integers(2, 10**6))
def test_all_reduce_moves_almost_twice_the_gradient_and_never_more(ranks):
    assert 2 - bus_factor("all-reduce", ranks) == pytest.approx(2 / ranks)


# 故障


def test_failure_model_reproduces_the_paper():
    assert failures.job_mttf_hours(2_048, 6.5e-3) == pytest.approx(1.8, rel=3e-3)
    assert failures.expected_ettr(2_000, 6.5e-3, 5, 60) == pytest.approx(0.7, rel=0.03)
    assert failures.expected_ettr(2_000, 6.5e-3, 5, 5) == pytest.approx(0.93, rel=5e-3)
    assert failures.job_mttf_hours(128, 1 / 42.1) == pytest.approx(7.9, rel=2e-3)
    assert failures.expected_ettr(2_000, 6.5e-3, 5, 600) == 0  # 每次损失超过故障间隔
    assert failures.job_mttf_hours(128, 6.5e-3) > 3 * 7.9  # 模型说得太乐观，论文自己的数对不上


@given(counts, st.floats(0, 0.1), st.floats(0, 60), st.floats(0.1, 600), st.floats(0, 10))
def test_ettr_is_a_share_and_falls_with_every_loss(nodes, rate, restart, interval, write):
    ettr = failures.expected_ettr(nodes, rate, restart, interval, write)
    assert 0 <= ettr <= 1
    assert failures.expected_ettr(nodes + 1, rate, restart, interval, write) <= ettr
    assert failures.expected_ettr(nodes, rate, restart + 1, interval, write) <= ettr
    assert failures.expected_ettr(nodes, rate, restart, interval, write + 1) <= ettr
    assert failures.expected_ettr(nodes, 0, restart, interval) == 1


@given(st.floats(1e4, 1e6), st.floats(1, 60), st.floats(0.02, 0.05))
def test_ettr_agrees_with_lost_share_when_losses_are_small(mtbf_s, save_s, factor):
    interval_s = factor * mtbf_s
    lost = lost_share(interval_s, mtbf_s, save_s)
    ettr = failures.expected_ettr(1, 86_400 / mtbf_s, 0, interval_s / 60, save_s / 60)
    assert 1 - ettr == pytest.approx(lost, rel=2 * lost)


def test_bloom_checkpoints_cost_what_was_published():
    save_s, hours = failure_bill.BLOOM_SAVE_SECONDS_EVERY_HOURS
    assert save_s / (hours * 3_600) == pytest.approx(0.0037, rel=2e-3)
    assert 90 * 24 / hours * save_s / 3_600 == pytest.approx(8)  # 90 天写 720 次，8 小时
    near, best = hours * 3_600, best_interval(7 * 86_400, save_s)
    assert lost_share(near, 7 * 86_400, save_s) < 1.1 * lost_share(best, 7 * 86_400, save_s)


@given(st.floats(1e3, 1e7), st.floats(0.1, 600), st.floats(1.01, 5))
def test_best_interval_beats_its_neighbours(mtbf_s, save_s, factor):
    best = best_interval(mtbf_s, save_s)
    lowest = failure_bill.failure_usd_per_day(1, mtbf_s, best, save_s)
    for interval_s in (best * factor, best / factor):
        assert failure_bill.failure_usd_per_day(1, mtbf_s, interval_s, save_s) >= lowest


def test_failure_bill_is_the_lost_share_of_the_rent():
    bill = failure_bill.failure_usd_per_day(1_000, 10_000, 600, 6, 100)
    assert bill == pytest.approx(1_000 * (6 / 600 + 300 / 10_000 + 100 / 10_000))
    assert failure_bill.failure_usd_per_day(1_000, 60, 6_000, 6) == 1_000  # 不会超过全部租金
    assert failure_bill.usd_per_day == 16_384 * 24 * 2


def test_only_fast_saves_keep_ninety_percent():
    mtbf_s, day = failure_bill.mtbf_s, failure_bill.usd_per_day
    slow, fast = (
        failure_bill.failure_usd_per_day(day, mtbf_s, best_interval(mtbf_s, s), s, 600) / day
        for s in (60, 5)
    )
    faster = failure_bill.failure_usd_per_day(day, mtbf_s, best_interval(mtbf_s, 5), 5, 300) / day
    hourly = failure_bill.failure_usd_per_day(day, mtbf_s, 3_600, 5, 600) / day
    assert faster < fast < 0.1 < slow < hourly
    rare, seldom = (failure_bill.failure_usd_per_day(1, mtbf_s, 7_200, s) for s in (60, 5))
    assert 1 < rare / seldom < 1.03  # 间隔很长时，两条曲线合在一起


def test_figure_marks_the_lowest_point_of_each_curve():
    svg = checkpoint_bill.figure()
    assert svg.startswith("<svg") and "写一次 60 秒" in svg and "写一次 5 秒" in svg
    mtbf_s, minutes = failure_bill.mtbf_s, np.geomspace(1, 120, 2_000)
    for save_s in (60, 5):
        bill = [failure_bill.failure_usd_per_day(1, mtbf_s, 60 * m, save_s) for m in minutes]
        assert minutes[np.argmin(bill)] == pytest.approx(
            best_interval(mtbf_s, save_s) / 60, rel=5e-3
        )


# 敏感性

base = {"params": 405e9, "tokens": 15.6e12, "peak_flop_per_s": 989e12}
base |= {"mfu": 0.4, "ettr": 0.9, "usd_per_gpu_hour": 2}


def test_bill_is_hours_times_price():
    hours = flops.gpu_hours(flops.training_flop(405e9, 15.6e12), 989e12, 0.4 * 0.9)
    assert sensitivity.bill_usd(**base) == pytest.approx(2 * hours)
    whole = whole_run_share("Llama-3.1-405B")
    published = sensitivity.bill_usd(**(base | {"mfu": whole, "ettr": 1}))
    assert published == pytest.approx(61.68e6)  # 代入全程 MFU，就回到公布的卡时


@given(shares, shares, st.floats(0.01, 100), st.floats(1.01, 3))
def test_halving_mfu_doubles_the_bill_and_no_term_works_backwards(share, ettr, usd, factor):
    given_bill = base | {"mfu": share, "ettr": ettr, "usd_per_gpu_hour": usd}
    bill = sensitivity.bill_usd(**given_bill)
    assert sensitivity.bill_usd(**(given_bill | {"mfu": share / 2})) == pytest.approx(2 * bill)
    assert sensitivity.bill_usd(**(given_bill | {"ettr": ettr / factor})) == pytest.approx(
        factor * bill
    )
    for key in ("tokens", "params", "usd_per_gpu_hour"):
        more = sensitivity.bill_usd(**(given_bill | {key: given_bill[key] * factor}))
        assert more == pytest.approx(factor * bill)


def test_failures_move_the_bill_least():
    """页面上的范围里，单价摆动最大，有效时间最小。"""

    def swing(key, better, worse):
        low, high = (sensitivity.bill_usd(**(base | {key: v})) for v in (better, worse))
        return high - low

    order = [
        swing("usd_per_gpu_hour", 1.5, 3),
        swing("mfu", 0.5, 0.3),
        swing("tokens", 0.8 * 15.6e12, 1.2 * 15.6e12),
        swing("ettr", 0.95, 0.8),
    ]
    assert order == sorted(order, reverse=True)


@given(st.floats(1, 1e9), st.floats(0, 10), st.floats(0.01, 1))
def test_waiting_saves_more_the_longer_and_never_the_whole_bill(bill, years, decline):
    saving = sensitivity.wait_saving_usd(bill, years, decline)
    assert 0 <= saving <= bill
    assert sensitivity.wait_saving_usd(bill, years + 1, decline) >= saving
    assert sensitivity.wait_saving_usd(bill, 1, 0.5) == pytest.approx(bill / 2)
    assert sensitivity.wait_saving_usd(bill, 2, 0.5) == pytest.approx(bill * 3 / 4)


# 报错

positive, amount, fraction = "必须是有限的正数", "必须是非负的有限数", "必须大于 0 且不超过 1"
ettr_arguments = (2_000, 6.5e-3, 5, 60, 0)


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (params.gpt2_params, (0, 768, 50_257, 1_024), f"layers {positive}，收到 0"),
        (params.megatron_params, (12, -1, 50_257, 1_024), f"width {positive}，收到 -1"),
        (params.llama_params, (80, 8_192, 0, 64, 8, 128, 1), f"ffn_width {positive}，收到 0"),
        (params.llama_params, (80, 8_192, 9, 64, 0, 128, 1), f"kv_heads {positive}，收到 0"),
        (flops.training_flop, (0, 1), f"params {positive}，收到 0"),
        (flops.training_flop, (1, -1), f"tokens {amount}，收到 -1"),
        (flops.training_flop, (1, 1, 0), f"flop_per_param {positive}，收到 0"),
        (flops.gpu_hours, (-1, 1, 0.4), f"flop {amount}，收到 -1"),
        (flops.gpu_hours, (1, 0, 0.4), f"peak_flop_per_s {positive}，收到 0"),
        (flops.gpu_hours, (1, 1, 40), f"mfu {fraction}，收到 40"),
        (flops.gpu_hours, (1, 1, 0), f"mfu {fraction}，收到 0"),
        (flops.days, (-1, 1, 1), f"flop {amount}，收到 -1"),
        (flops.days, (1, 0, 1), f"gpus {positive}，收到 0"),
        (flops.days, (1, 1, math.nan), f"flop_per_s_per_gpu {positive}，收到 nan"),
        (megatron_flop.megatron_flop_per_batch, (0, 1, 1, 1, 1), f"batch {positive}，收到 0"),
        (price.cost_usd, (-1, 1, 1), f"gpus {amount}，收到 -1"),
        (price.cost_usd, (1, math.inf, 1), f"hours {amount}，收到 inf"),
        (price.cost_usd, (1, 1, -2), f"usd_per_gpu_hour {amount}，收到 -2"),
        (activations.attention_activation_ratio, (1, 1, 0), f"width {positive}，收到 0"),
        (activations.activation_bytes_per_layer, (1, 0, 1, 1), f"batch {positive}，收到 0"),
        (
            activations.activation_bytes_per_layer,
            (1, 1, 1, 1, "some"),
            "recompute 必须是 none、selective 或 full，收到 some",
        ),
        (smallest_cluster.smallest_cluster, (0, 3, 1, 1), f"params {positive}，收到 0"),
        (smallest_cluster.smallest_cluster, (1, 3, 0, 1), f"memory_bytes {positive}，收到 0"),
        (smallest_cluster.smallest_cluster, (1, 3, 1, -1), f"activation_bytes {amount}，收到 -1"),
        (smallest_cluster.smallest_cluster, (1, 4, 1, 0), "stage 必须是 0、1、2、3，收到 4"),
        (failures.job_mttf_hours, (0, 1), f"nodes {positive}，收到 0"),
        (failures.job_mttf_hours, (1, 0), f"failures_per_node_day {positive}，收到 0"),
        (failure_bill.failure_usd_per_day, (-1, 1, 1, 1), f"usd_per_day {amount}，收到 -1"),
        (failure_bill.failure_usd_per_day, (1, 0, 1, 1), f"mtbf_s {positive}，收到 0"),
        (failure_bill.failure_usd_per_day, (1, 1, 0, 1), f"interval_s {positive}，收到 0"),
        (failure_bill.failure_usd_per_day, (1, 1, 1, -1), f"save_s {amount}，收到 -1"),
        (failure_bill.failure_usd_per_day, (1, 1, 1, 1, -1), f"restart_s {amount}，收到 -1"),
        (sensitivity.bill_usd, (1, 1, 1, 0.4, 90, 1), f"ettr {fraction}，收到 90"),
        (sensitivity.wait_saving_usd, (-1, 1, 0.5), f"bill_usd {amount}，收到 -1"),
        (sensitivity.wait_saving_usd, (1, -1, 0.5), f"years {amount}，收到 -1"),
        (sensitivity.wait_saving_usd, (1, 1, 50), f"yearly_decline {fraction}，收到 50"),
    ],
)
def test_impossible_input_is_refused(function, arguments, message):
    with pytest.raises(ValueError) as error:
        function(*arguments)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("place", "bad", "message"),
    [
        (0, 0, f"nodes {positive}，收到 0"),
        (1, -1, f"failures_per_node_day {amount}，收到 -1"),
        (2, -1, f"restart_minutes {amount}，收到 -1"),
        (3, 0, f"checkpoint_interval_minutes {positive}，收到 0"),
        (4, -1, f"checkpoint_write_minutes {amount}，收到 -1"),
    ],
)
def test_ettr_refuses_each_impossible_argument(place, bad, message):
    arguments = list(ettr_arguments)
    arguments[place] = bad
    with pytest.raises(ValueError) as error:
        failures.expected_ettr(*arguments)
    assert str(error.value) == message


def test_every_argument_of_the_megatron_formula_is_checked():
    for place, name in enumerate(("batch", "sequence", "layers", "width", "vocab")):
        arguments = [1, 1, 1, 1, 1]
        arguments[place] = 0
        with pytest.raises(ValueError, match=f"^{name} {positive}"):
            megatron_flop.megatron_flop_per_batch(*arguments)


def test_every_argument_of_the_parameter_counts_is_checked():
    for function, size in (
        (params.gpt2_params, 4),
        (params.megatron_params, 4),
        (params.llama_params, 7),
    ):
        for place, bad in itertools.product(range(size), (0, math.nan)):
            arguments = [1] * size
            arguments[place] = bad
            with pytest.raises(ValueError, match=positive):
                function(*arguments)
