import os
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from training.evaluation import (
    bits_per_byte,
    loss_curve,
    loss_order,
    mfu,
    overfitting,
    throughput,
    whole_run,
)


def linear_model(dim):
    layer = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", dtype="float64")
    return keras.Sequential([keras.Input((dim,), dtype="float64"), layer])


def sgd_by_hand(batches, validation, rate, epochs):
    """NumPy 里的同一个训练循环：均方误差、小批量梯度下降。"""
    w = np.zeros((batches[0][0].shape[1], 1))
    history = []
    for _ in range(epochs):
        squared = []
        for x, y in batches:
            residual = x @ w - y
            squared.append(residual**2)
            w = w - rate * 2 * x.T @ residual / len(x)
        held_out = np.mean((validation[0] @ w - validation[1]) ** 2)
        history.append((squared[-1].mean(), np.concatenate(squared).mean(), held_out))
    return history


def test_last_batch_is_not_the_epoch_mean():
    """整轮平均按样本数加权：十个样本、每批四个，最后一批只有两个。"""
    x, y = loss_curve.noisy_line(10, seed=3)
    validation = loss_curve.noisy_line(50, seed=4)
    expected = sgd_by_hand([(x[i : i + 4], y[i : i + 4]) for i in (0, 4, 8)], validation, 0.02, 3)
    history = loss_curve.fit(
        linear_model(20),
        keras.optimizers.SGD(0.02),
        tf.data.Dataset.from_tensor_slices((x, y)).batch(4),
        validation,
        epochs=3,
    )
    got = [(row["last"], row["mean"], row["validation"]) for row in history]
    np.testing.assert_allclose(got, expected, rtol=1e-6)
    assert all(abs(last / mean - 1) > 0.1 for last, mean, _ in got)


def printed_curve():
    """页面上的表：(轮次, 最后一批, 整轮平均, 验证集)。"""
    text = Path(loss_curve.__file__).with_suffix(".out").read_text(encoding="utf-8")
    rows = re.findall(r"^ +(\d+) +([\d.]+) +([\d.]+) +([\d.]+)$", text, flags=re.M)
    return text, [tuple(map(float, row)) for row in rows]


def test_the_page_shows_overfitting():
    text, rows = printed_curve()
    best = float(re.search(r"第 (\d+) 轮最低", text)[1])
    epoch, _, mean, validation = (np.array(column) for column in zip(*rows))
    assert epoch[validation.argmin()] == best
    assert 1 < best < epoch[-1], "最低点在中间，两头都更高"
    assert all(np.diff(mean) < 0), "训练损失一路下降"
    assert all(np.diff(validation[epoch >= best]) > 0), "过了最低点，验证损失一路回升"
    assert mean[-1] < 0.25 < validation.min(), "训练损失低于噪声的方差，验证损失不会"


def test_last_batch_points_the_wrong_way_on_the_page():
    """页面说：从第 10 轮到第 11 轮，最后一批在升，整轮平均在降；第 1 轮最后一批只有平均的三分之一。"""
    _, rows = printed_curve()
    by_epoch = {row[0]: row for row in rows}
    assert by_epoch[11][1] > by_epoch[10][1]
    assert by_epoch[11][2] < by_epoch[10][2]
    assert by_epoch[1][1] < by_epoch[1][2] / 2


def test_noise_sets_the_floor():
    x, y = loss_curve.noisy_line(200_000, seed=5)
    assert np.mean((y - x[:, :1]) ** 2) == pytest.approx(0.25, rel=0.02)


def test_fit_rejects_nothing_to_do():
    x, y = loss_curve.noisy_line(4, seed=0)
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).batch(2)
    with pytest.raises(ValueError, match="epochs 必须是正整数，收到 0"):
        loss_curve.fit(linear_model(20), keras.optimizers.SGD(), dataset, (x, y), 0)
    with pytest.raises(ValueError, match="train 没有样本"):
        loss_curve.fit(linear_model(20), keras.optimizers.SGD(), dataset.take(0), (x, y), 1)


def test_descent_ends_at_the_least_squares_solution():
    train, validation = overfitting.noisy_line(60, seed=0), overfitting.noisy_line(500, seed=1)
    training, held_out = overfitting.descend(train, validation, steps=20_000)
    w = np.linalg.lstsq(*train, rcond=None)[0]
    assert training[-1] == pytest.approx(np.mean((train[0] @ w - train[1]) ** 2), rel=1e-9)
    assert held_out[-1] == pytest.approx(np.mean((validation[0] @ w - validation[1]) ** 2))
    assert training[0] == pytest.approx(np.mean(train[1] ** 2)), "从零开始"


def test_figure_shows_the_turn():
    training, held_out = overfitting.descend(
        overfitting.noisy_line(60, seed=0), overfitting.noisy_line(2000, seed=1), steps=300
    )
    best = held_out.argmin()
    assert all(np.diff(training) < 0)
    assert 0 < best < 299
    assert held_out[-1] > held_out[best] * 1.5
    assert training[-1] < overfitting.noise**2 < held_out[best]


def test_bits_per_byte_does_not_depend_on_the_tokens():
    """同一个模型、同一段话：两个 token 并成一个，困惑度平方，每字节比特不变。"""
    nats, text = 120.0, "abcd" * 25
    assert bits_per_byte.perplexity(nats, 50) == pytest.approx(
        bits_per_byte.perplexity(nats, 100) ** 2
    )
    assert bits_per_byte.bits_per_byte(nats, text) == pytest.approx(120 / np.log(2) / 100)
    assert bits_per_byte.bits_per_byte(nats, "汉字") == pytest.approx(120 / np.log(2) / 6)


def test_perplexity_ranks_the_two_models_the_wrong_way():
    train, held_out = (bits_per_byte.random_text(5_000, seed) for seed in (1, 2))
    scores = []
    for split in (bits_per_byte.by_letter, bits_per_byte.by_word):
        tokens = split(held_out)
        assert "".join(tokens).strip() == held_out
        nats = bits_per_byte.total_nats(split(train), tokens)
        scores.append(
            (
                bits_per_byte.perplexity(nats, len(tokens)),
                bits_per_byte.bits_per_byte(nats, held_out),
            )
        )
    letters, words = scores
    assert letters[0] < words[0], "困惑度说按字母的好"
    assert letters[1] > words[1], "每字节比特说按单词的好"


def test_uniform_letters_cost_their_entropy():
    """十个字母等概率：困惑度是 10，每字节 log2(10) 比特。"""
    text = "abcdefghij" * 2_000
    nats = bits_per_byte.total_nats(list(text), list(text))
    assert bits_per_byte.perplexity(nats, len(text)) == pytest.approx(10, rel=1e-3)
    assert bits_per_byte.bits_per_byte(nats, text) == pytest.approx(np.log2(10), rel=1e-3)


def test_first_step_traces_and_is_left_out_of_the_rate():
    """建图只发生在首步；稳态吞吐不受首步影响。"""
    traces = []

    @tf.function
    def step(x):
        traces.append("建图")
        return tf.reduce_sum(x)

    seconds = throughput.time_steps(step, (tf.ones(3),), steps=5)
    assert traces == ["建图"]
    assert len(seconds) == 5
    assert min(seconds) > 0
    assert seconds[0] > sorted(seconds[1:])[2], "建图的一步比中位数慢"
    assert throughput.steady_rate([100.0, 0.1, 0.5, 0.2], per_step=30) == pytest.approx(150)


def test_wall_clock_hides_the_rate():
    """同样的总秒数，稳态吞吐可以差好几倍：总秒数不说明速度。"""
    slow_start, even = [9.0, 0.5, 0.5], [3.0, 3.5, 3.5]
    assert sum(slow_start) == sum(even)
    assert throughput.steady_rate(slow_start, 1) == 7 * throughput.steady_rate(even, 1)


def test_each_step_trains():
    """计时的是真实的训练步：同一批数据反复训练，损失下降。"""
    keras.utils.set_random_seed(0)
    step = throughput.language_model(vocabulary=50, width=16).train_on_batch
    text = np.random.default_rng(0).integers(0, 50, size=(4, 9))
    losses = [float(step(text[:, :-1], text[:, 1:])) for _ in range(30)]
    assert losses[0] == pytest.approx(np.log(50), rel=0.05), "还没学时，等于在词表里瞎猜"
    assert losses[-1] < losses[0]


def test_two_steps_are_the_least():
    with pytest.raises(ValueError, match="steps 至少是 2，收到 1"):
        throughput.time_steps(lambda: 0.0, (), steps=1)


def test_peak_memory_unit(monkeypatch):
    """单位错了就差 1024 倍：峰值不会小于刚占用的内存，也不会大于整机内存。"""
    held = np.ones(256 * 2**20, dtype=np.uint8)
    machine_mib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**20
    assert held.nbytes / 2**20 < throughput.peak_memory_mib() < machine_mib
    here = throughput.peak_memory_mib()
    other = {"darwin": "linux"}.get(sys.platform, "darwin")
    monkeypatch.setattr(sys, "platform", other)
    factor = 1024 if other == "linux" else 1 / 1024
    assert throughput.peak_memory_mib() == pytest.approx(here * factor, rel=0.01)


def test_swapped_arguments_change_the_loss():
    """MSE 对称，看不出来；KLD 不对称，值就错了。期望值由定义手算。"""
    y_true, y_pred = np.array([[0.7, 0.3]]), np.array([[0.5, 0.5]])

    def divergence(p, q):
        return float(np.sum(p * np.log(p / q)))

    right, wrong = loss_order.both_orders(keras.losses.KLDivergence(), y_true, y_pred)
    assert right == pytest.approx(divergence(y_true, y_pred), abs=1e-5)
    assert wrong == pytest.approx(divergence(y_pred, y_true), abs=1e-5)
    assert round(right, 4) == 0.0823
    assert round(wrong, 4) == 0.0872
    right, wrong = loss_order.both_orders(keras.losses.MeanSquaredError(), y_true, y_pred)
    assert right == wrong == pytest.approx(0.04)


def test_swapped_sparse_cross_entropy_is_an_error():
    loss_fn, label, probability = (
        keras.losses.SparseCategoricalCrossentropy(),
        np.array([0]),
        np.array([[0.7, 0.3]]),
    )
    assert float(loss_fn(label, probability)) == pytest.approx(-np.log(0.7), rel=1e-5)
    with pytest.raises(ValueError):
        loss_fn(probability, label)


def test_swapped_binary_cross_entropy_falls_below_zero():
    """写反后损失对 logits 是线性的，没有下界：一步步可以手算，准确率却上不去。"""
    x = np.linspace(-2, 2, 100, dtype="float32")[:, None]
    y = (x > 0.5).astype("float32")
    steps = 50
    weight, bias = (steps - 1) * (y * x).mean(), (steps - 1) * y.mean()  # 每步的梯度都相同
    logits = weight * x + bias
    by_hand = np.mean(np.where(y == 1, 1 - logits + np.log1p(np.exp(-1)), np.log(2)))
    loss, accuracy = loss_order.train_classifier(x, y, steps, swapped=True)
    assert loss == pytest.approx(by_hand, rel=1e-4)
    assert loss < 0
    right_loss, right_accuracy = loss_order.train_classifier(x, y, steps, swapped=False)
    assert right_loss > 0
    assert right_accuracy > 0.95 > accuracy + 0.2


def test_palm_mfu_is_the_published_one():
    """PaLM 论文 §4.1：不计注意力 45.7%，计入 46.2%。"""
    parameters = mfu.PALM_PARAMETERS_BILLION * 1e9
    peak = mfu.TPU_V4_BF16_TFLOPS * 1e12
    for shape, published in (
        ((), 0.457),
        (mfu.PALM_LAYERS_HEADS_HEAD_DIM_SEQUENCE, 0.462),
    ):
        flop = mfu.flop_per_token(parameters, *shape)
        share = mfu.mfu(mfu.PALM_TOKENS_PER_SECOND, flop, mfu.PALM_CHIPS, peak)
        assert share == pytest.approx(published, abs=0.0005)


def test_mfu_matches_another_team():
    """MosaicML llm-foundry 的基准表：MPT-70B，512 张 H100，515,636 token/s，MFU 41.25%。"""
    flop = mfu.flop_per_token(64_862_437_376, layers=80, heads=64, head_dim=128, sequence=2048)
    assert mfu.mfu(515_636, flop, 512, 989.4e12) == pytest.approx(0.4125, abs=0.0005)


def test_mfu_rejects_nonsense():
    with pytest.raises(ValueError, match="都要是正数"):
        mfu.mfu(0, 1, 1, 1)


def test_whole_run_mfu_is_the_step_mfu_when_nothing_is_lost():
    """不停机时两种算法相同；停一半的时间，全程 MFU 减半。"""
    step = mfu.mfu(1000, mfu.flop_per_token(7e9), chips=8, peak_flop_per_s=1e15)
    hours = 24 * 8
    tokens = 1000 * 24 * 3600
    assert whole_run.whole_run_mfu(hours, tokens, 7e9, 1e15) == pytest.approx(step)
    assert whole_run.whole_run_mfu(2 * hours, tokens, 7e9, 1e15) == pytest.approx(step / 2)
    shape = {"layers": 4, "heads": 8, "head_dim": 16, "sequence": 512}
    with_attention = mfu.mfu(1000, mfu.flop_per_token(7e9, **shape), 8, 1e15)
    extra = 12 * 4 * (8 * 16) * 512
    assert with_attention > step, "两种 MFU 要用同样的分子才能相减"
    assert whole_run.whole_run_mfu(hours, tokens, 7e9, 1e15, extra) == pytest.approx(with_attention)
    with pytest.raises(ValueError, match="gpu_hours 必须是正数"):
        whole_run.whole_run_mfu(0, tokens, 7e9, 1e15)


def test_llama_run_needs_the_published_flop():
    """Llama 3 论文：405B 的预训练用了 3.8 × 10^25 次运算。"""
    peak = whole_run.H100_BF16_TFLOPS * 1e12
    hours = whole_run.LLAMA31_405B_GPU_HOURS_MILLION * 1e6
    share = whole_run.whole_run_mfu(
        hours,
        whole_run.LLAMA3_TOKENS_TRILLION * 1e12,
        whole_run.LLAMA31_PARAMETERS_BILLION * 1e9,
        peak,
    )
    assert share * hours * 3600 * peak == pytest.approx(3.8e25, rel=0.005)
    assert share < 0.38, "低于论文公布的单步 MFU 的下限"
    text = Path(whole_run.__file__).with_suffix(".out").read_text(encoding="utf-8")
    with_attention = float(re.search(r"加上注意力：全程 MFU ([\d.]+)%", text)[1]) / 100
    extra = 12 * 126 * 16_384 * 8_192 / (6 * 405e9)
    assert with_attention == pytest.approx(share * (1 + extra), abs=0.0005)
    assert share < with_attention < 0.38, "计入注意力，差距变小，仍低于下限"


def test_deepseek_days_are_the_published_ones():
    """DeepSeek-V3 技术报告：2,048 张 H800 上每万亿 token 3.7 天。"""
    days = whole_run.days(whole_run.DEEPSEEK_V3_GPU_HOURS_PER_TRILLION, whole_run.DEEPSEEK_V3_GPUS)
    assert days == pytest.approx(3.7, abs=0.05)
