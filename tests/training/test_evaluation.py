import itertools
import math
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from business.training_cost.failures import expected_ettr
from infrastructure.performance.checkpoint_interval import best_interval, lost_share
from training.evaluation import (
    bits_per_byte,
    early_stopping,
    goodput,
    input_pipeline,
    loss_curve,
    loss_order,
    mfu,
    overfitting,
    own_mfu,
    profile_ops,
    python_overhead,
    reproducible,
    step_trace,
    throughput,
    timeline,
    whole_run,
)


def printed(snippet):
    """片段在页面上的输出。"""
    return Path(snippet.__file__).with_suffix(".out").read_text(encoding="utf-8")


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
    runs = [[9.0] + [0.5] * steps for steps in (2, 10, 100)]
    low = [len(run) / sum(run) / throughput.steady_rate(run, 1) for run in runs]
    assert low == sorted(low) and low[-1] < 1, "跑得越短，按总秒数算的偏得越多"


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


def stop_by_callback(losses, patience, restore):
    """把一串验证损失喂给 Keras 的回调，权重记下轮次；返回（停下的轮次, 手里的权重）。"""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    callback = early_stopping.stopper(patience, restore)
    model.stop_training = False
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(losses, 1):
        model.set_weights([np.full((1, 1), float(epoch))])
        callback.on_epoch_end(epoch - 1, {"val_loss": loss})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch, int(model.get_weights()[0].item())


def test_keras_stops_where_the_rule_says():
    """同一条规则，两种写法；取回权重与否，差的就是最后几轮。"""
    for losses in ([5, 4, 3, 4, 5, 6, 7], [5, 4, 4.5, 3, 3.5, 3.2, 3.1, 1], [3, 2, 1]):
        for patience in (1, 2, 3):
            best, stop = overfitting.best_and_stop(losses, patience)
            assert stop_by_callback(losses, patience, restore=True) == (stop, best)
            assert stop_by_callback(losses, patience, restore=False) == (stop, stop)
    assert overfitting.best_and_stop([5, 4, 4.5, 3, 3.5], 1) == (2, 3), "太急，错过后面的低点"
    assert not keras.callbacks.EarlyStopping().restore_best_weights, "Keras 默认不取回"


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=30), st.integers(1, 10))
def test_stopping_rule(losses, patience):
    best, stop = overfitting.best_and_stop(losses, patience)
    assert losses[best - 1] == min(losses[:stop])
    assert stop - best == patience or (stop == len(losses) and stop - best < patience)
    with pytest.raises(ValueError, match="patience 至少是 1，收到 0"):
        overfitting.best_and_stop(losses, 0)


def test_restored_weights_are_better_on_data_never_used():
    """页面：取回最好的权重，验证和测试都比跑满低，也比停下那一轮低。"""
    text = printed(early_stopping)
    whole = [float(n) for n in re.search(r"跑满.*验证 ([\d.]+)，测试 ([\d.]+)", text).groups()]
    kept = [float(n) for n in re.search(r"取回.*验证 ([\d.]+)，测试 ([\d.]+)", text).groups()]
    last = float(re.search(r"停下那一轮：验证 ([\d.]+)", text)[1])
    assert kept[0] < last < whole[0]
    assert kept[1] < whole[1]
    assert whole[0] < whole[1] and kept[0] < kept[1], "页面：两行都是测试比验证高"
    best, stop, saved = map(
        int, re.search(r"第 (\d+) 轮，停在第 (\d+) 轮，省下 (\d+)", text).groups()
    )
    assert stop == best + 5 and saved == 24 - stop


def test_the_monitored_loss_is_the_error_on_the_validation_set():
    model = early_stopping.compiled_network()
    losses = early_stopping.train(model, 2, [])
    assert len(losses) == 2
    validation = loss_curve.noisy_line(1000, seed=1)
    assert losses[-1] == pytest.approx(early_stopping.error(model, validation), rel=1e-6)


def sleeping_step(seconds):
    def step(*_):
        time.sleep(seconds)
        return 0.0

    return step


def test_input_waits_until_it_is_hidden():
    """读和算各要 20 毫秒：边等边算两样都付，预取只付一样；同时读几份，等待就没有了。"""
    data = (tf.ones((1,)), tf.zeros((1,)))

    def step_time(dataset):
        return input_pipeline.breakdown(dataset, sleeping_step(0.02))

    wait, compute = step_time(input_pipeline.slow_input(data, 0.02, 12, 1, 0))
    assert wait >= 0.02 and compute >= 0.02
    hidden = step_time(input_pipeline.slow_input(data, 0.02, 12, 1, 2))
    assert sum(hidden) < 0.85 * (wait + compute)
    slow = step_time(input_pipeline.slow_input(data, 0.06, 12, 1, 2))
    assert sum(slow) > sum(hidden), "读比算慢，预取只藏得住一部分"
    parallel = step_time(input_pipeline.slow_input(data, 0.06, 12, 6, 6))
    assert parallel[0] < slow[0] / 2, "同时读六份，等待减到一半以下"


def test_tf_data_prefetches_by_itself():
    """页面：没有写 prefetch，tf.data 默认也会加一个；关掉它才看得见边等边算。"""

    def wait(i):
        time.sleep(0.02)
        return i

    @tf.autograph.experimental.do_not_convert
    def read(i):
        return tf.numpy_function(wait, [i], tf.int64)

    def one_step(inject):
        dataset = tf.data.Dataset.range(12).map(read)
        options = tf.data.Options()
        if not inject:
            options.experimental_optimization.inject_prefetch = False
        return sum(
            input_pipeline.breakdown(
                ((batch,) for batch in dataset.with_options(options)), sleeping_step(0.02)
            )
        )

    assert one_step(inject=True) < 0.85 * one_step(inject=False)


def test_slow_input_delivers_the_data_unchanged():
    data = (tf.constant([1.0, 2.0]), tf.constant([3.0]))
    for readers, prefetch in ((1, 0), (1, 2), (3, 3)):
        batches = list(input_pipeline.slow_input(data, 0.0, 5, readers, prefetch))
        assert len(batches) == 5
        for x, y in batches:
            assert x.numpy().tolist() == [1.0, 2.0] and y.numpy().tolist() == [3.0]


def test_a_graph_does_not_come_back_to_python(monkeypatch):
    """逐个执行，每一步都把每一层的 Python 代码跑一遍；建了图，只在建图时跑。"""
    calls, plain = [], keras.layers.Dense.call

    def counted(self, inputs, training=None):
        calls.append(1)
        return plain(self, inputs, training)

    monkeypatch.setattr(keras.layers.Dense, "call", counted)
    x = np.ones((4, 32), dtype="float32")
    for eager, steps_that_call in ((True, 4), (False, 0)):
        model = python_overhead.narrow_model(eager)
        model.train_on_batch(x, x)
        calls.clear()
        for _ in range(4):
            model.train_on_batch(x, x)
        assert len(calls) == 8 * steps_that_call


def test_overhead_leaves_out_the_first_step(monkeypatch):
    monkeypatch.setattr(python_overhead, "time_steps", lambda *_: [0.5, 3.0, 2.0, 4.0])
    assert python_overhead.step_seconds(eager=True, batch=1)[0] == 2.0


def test_eager_and_graph_learn_the_same():
    (eager_s, eager_out), (graph_s, graph_out) = (
        python_overhead.step_seconds(eager, batch=16, steps=4) for eager in (True, False)
    )
    np.testing.assert_allclose(eager_out, graph_out, atol=1e-5)
    assert eager_s > 2 * graph_s, "时间大半花在发算子上"


@pytest.mark.parametrize("widths, batch", [((3, 5, 7), 2), ((4, 4, 4, 4), 9), ((8, 6), 5)])
def test_counted_flop_is_six_n_without_the_input_gradient(widths, batch):
    """前向 2N，反向 4N；最前面一层不必把梯度传给输入，少 2·B·第一层的参数。"""
    step, parameters = own_mfu.training_step(widths)
    assert parameters == sum(a * b for a, b in itertools.pairwise(widths))
    data = (tf.ones((batch, widths[0])), tf.ones((batch, widths[-1])))
    counted = own_mfu.graph_flop(step.get_concrete_function(*data).graph)
    assert counted == batch * (6 * parameters - 2 * widths[0] * widths[1])


def test_peak_is_in_flop_per_second():
    """同一个矩阵乘自己掐一次表，只比数量级：单位写错，差的是一千倍。"""
    x, seconds = tf.ones((256, 256)), []
    for _ in range(5):
        start = time.perf_counter()
        tf.matmul(x, x).numpy()
        seconds.append(time.perf_counter() - start)
    assert 1 / 30 < own_mfu.matmul_peak(256) * min(seconds) / (2 * 256**3) < 30


def test_counted_step_trains():
    """数的是真实的训练步：同一批数据反复训练，损失一路下降。"""
    keras.utils.set_random_seed(0)
    step, _ = own_mfu.training_step((16, 32, 16))
    x = np.random.default_rng(0).random((8, 16)).astype("float32")
    losses = [float(step(tf.constant(x), tf.constant(x))) for _ in range(5)]
    assert all(np.diff(losses) < 0)


def test_small_batch_wastes_the_machine():
    """页面：每批 2 条的 MFU 更低；图里数出的比 6N 少，两者之差与批大小成正比。"""
    text = printed(own_mfu)
    rows = re.findall(r"每批 (\d+) 条：图里数出 ([\d.]+) GFLOP，6N 公式 ([\d.]+)", text)
    parameters = 512 * 1024 + 1024 * 1024 + 1024 * 512
    for batch, counted, formula in rows:
        assert float(formula) == pytest.approx(6 * parameters * int(batch) / 1e9, abs=5e-4)
        assert float(counted) < float(formula)
    assert "大批的 MFU 更高：True" in text


def test_profile_counts_every_operator():
    weights = tf.ones((64, 64))

    @tf.function(autograph=False)
    def step():
        x = weights
        for _ in range(3):
            x = tf.matmul(x, weights, name="MatMul")
        return tf.reduce_sum(x, name="Sum")

    before = set(os.listdir(tempfile.gettempdir()))
    calls = []
    space = profile_ops.record(lambda: calls.append(step()), steps=4)
    table = profile_ops.by_operator(space)
    assert len(calls) == 5 and table["MatMul"][0] == 12, "热身了一步，不在里面"
    assert table["Sum"][0] == 4
    assert all(seconds > 0 for _, seconds in table.values())
    left = [n for n in set(os.listdir(tempfile.gettempdir())) - before if "plugins" in n]
    assert not left


def test_profile_is_added_up_by_operator():
    """手工搭一份 XPlane：序号合并，不是算子的事件不计，时间由皮秒换成秒。"""
    space = profile_ops.xplane_pb2.XSpace()
    plane = space.planes.add()
    names = ["MatMul:MatMul", "MatMul_1:_MklMatMul", "Sum:Sum", "ThreadpoolListener::Record"]
    line = plane.lines.add()
    for i, (name, ps) in enumerate(zip(names, (3e12, 2e12, 1e12, 9e12)), 1):
        plane.event_metadata[i].name = name
        line.events.add(metadata_id=i, duration_ps=int(ps))
    assert profile_ops.by_operator(space) == {"MatMul": (2, 5.0), "Sum": (1, 1.0)}


def step_us(events):
    starts = [event["ts"] for event in events if event["name"] == "前向"]
    assert len(set(np.diff(starts)[1:])) == 1, "稳定以后每步一样长"
    return starts[-1] - starts[-2]


def test_overlap_hides_what_it_can():
    """读 6、算 12、通信 6 毫秒：串着做是三者之和；重叠以后，只剩最后一段 all-reduce 露在外面。"""
    length = {
        (prefetch, overlap): step_us(step_trace.record(5, prefetch, overlap)) / 1e3
        for prefetch in (False, True)
        for overlap in (False, True)
    }
    assert length == {
        (False, False): 6 + 12 + 6,
        (True, False): 12 + 6,
        (False, True): 6 + 12 + 3,
        (True, True): 12 + 3,
    }


def test_trace_is_well_formed():
    """Chrome Trace Event：完整事件，整数微秒；同一行不重叠，计算总量与怎样重叠无关。"""
    work = set()
    for prefetch, overlap in itertools.product((False, True), repeat=2):
        events = step_trace.record(4, prefetch, overlap)
        assert {e["ph"] for e in events} == {"X"}
        assert all(isinstance(e[k], int) for e in events for k in ("pid", "tid", "ts", "dur"))
        for lane in step_trace.lanes:
            spans = sorted((e["ts"], e["ts"] + e["dur"]) for e in events if e["cat"] == lane)
            assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
        work.add(step_trace.covered(events, "计算", 0, 10**9))
    assert work == {4 * 12_000}


def test_gaps_and_what_ran_in_them():
    events = [
        {"cat": "计算", "ts": 0, "dur": 10},
        {"cat": "计算", "ts": 10, "dur": 5},
        {"cat": "读数据", "ts": 12, "dur": 20},
        {"cat": "计算", "ts": 40, "dur": 5},
    ]
    assert step_trace.gaps(events, "计算") == [(15, 40)]
    assert step_trace.covered(events, "读数据", 15, 40) == 17
    assert step_trace.covered(events, "通信", 15, 40) == 0
    assert step_trace.covered(events, "计算", 15, 40) == 0, "空档之外的事件不倒扣"


def test_timeline_draws_both_traces():
    text = timeline.figure()
    for name, lane in itertools.product(("改之前", "改之后"), step_trace.lanes):
        assert f"{name}：{lane}" in text


def test_goodput_of_the_log_on_the_page():
    """日志里崩溃前的 420 秒没有存下来；其余训练时间都留住了。"""
    events = goodput.parse(goodput.log)
    seconds = goodput.account(events)
    assert seconds["有效"] == events[-1][2], "每秒一步，留下来的步数就是有效的秒数"
    assert seconds == {
        "启动": 90 + 90,
        "有效": 600 * 4,
        "写检查点": 15 * 4,
        "停机": 180,
        "返工": 1740 - 1320,
    }


def test_saving_more_often_pays_on_this_log():
    """页面：写检查点只占一点，返工占得多，所以该写得更勤。"""
    seconds = goodput.account(goodput.parse(goodput.log))
    wall = sum(seconds.values())
    best = best_interval(mtbf_s=wall, save_s=15)
    assert seconds["返工"] == max(v for k, v in seconds.items() if k != "有效")
    assert best < 600, "日志里每 600 秒写一次"
    assert lost_share(best, wall, 15) < lost_share(600, wall, 15)


def periodic_log(failures, saves, interval, write, restart):
    """每次故障前写 saves 次检查点，再过半个间隔崩溃，停 restart 秒后接着来。"""
    now, events = 0.0, [(0.0, "train", 0)]
    for _ in range(failures):
        for _ in range(saves):
            events += [(now + interval, "save", 0), (now + interval + write, "train", 0)]
            now += interval + write
        now += interval / 2
        events += [(now, "crash", 0), (now + restart, "train", 0)]
        now += restart
    return [*events[:-1], (now, "end", 0)], now


@given(
    st.integers(1, 4), st.integers(1, 20), st.floats(10, 600), st.floats(0, 60), st.floats(0, 900)
)
def test_goodput_is_the_expected_ettr(failures, saves, interval, write, restart):
    """日志按期望值发生时，逐段记的账等于 Kokolis 等人的公式；各类加起来就是总时间。"""
    events, wall = periodic_log(failures, saves, interval, write, restart)
    seconds = goodput.account(events)
    assert sum(seconds.values()) == pytest.approx(wall)
    expected = expected_ettr(
        1, 1440 * 60 * failures / wall, restart / 60, interval / 60, write / 60
    )
    assert seconds["有效"] / wall == pytest.approx(expected, abs=1e-9)


def test_a_crash_while_saving_loses_the_interval():
    events = [
        (0, "train", 0),
        (100, "save", 0),
        (110, "crash", 0),
        (120, "train", 0),
        (150, "end", 0),
    ]
    kept = goodput.account([(0, "train", 0), (100, "crash", 0), *events[3:]])
    assert kept["返工"] == 100 and kept["有效"] == 30
    assert goodput.account(events)["返工"] == 100, "检查点没有写完，不算数"


def test_training_since_the_last_checkpoint_adds_up():
    """训练中间停过一次，也还没有写检查点：两段一起留下，或者一起返工。"""
    events = [(0, "train", 0), (50, "start", 0), (60, "train", 0), (100, "save", 0)]
    assert goodput.account([*events, (105, "end", 0)])["有效"] == 50 + 40
    assert goodput.account([*events[:3], (100, "crash", 0), (110, "end", 0)])["返工"] == 50 + 40


def test_broken_logs_are_refused():
    assert len(goodput.parse("5 train 0\n5 end 0")) == 2, "同一秒可以有两个事件"
    with pytest.raises(ValueError, match="第 5 秒的事件 pause 不认识"):
        goodput.parse("5 pause 0\n9 end 0")
    with pytest.raises(ValueError, match="下一个事件早于它"):
        goodput.parse("5 train 0\n4 end 0")
    with pytest.raises(ValueError, match="最后一个事件要是 end，收到 save"):
        goodput.parse("5 train 0\n9 save 0")


def test_same_seed_same_bits():
    """种子和数据顺序都相同，损失和权重一个比特都不差；数据换了顺序就不同。"""
    first = reproducible.train(seed=0)
    assert reproducible.same_bits(first, reproducible.train(seed=0))
    other = reproducible.train(seed=0, data_seed=1)
    assert not reproducible.same_bits(first, other)
    assert first.shape == other.shape and first.dtype == np.float32


def test_same_bits_has_no_tolerance():
    one = np.array([1.0], dtype=np.float32)
    assert reproducible.same_bits(one, one.copy())
    assert not reproducible.same_bits(one, np.nextafter(one, np.float32(2)))
    assert not reproducible.same_bits(one, one.astype(np.float64))


def test_the_order_of_a_sum_changes_its_last_bits():
    values = np.random.default_rng(0).random(100_000).astype(np.float32)
    exact = math.fsum(values.tolist())
    sums = [float(reproducible.sum_in_parts(values, parts)) for parts in (1, 2, 4, 8)]
    assert len(set(sums)) == 4, "四种分法，四个结果"
    assert sums == pytest.approx([exact] * 4, rel=1e-5), "都只差在末几位"
    whole = np.arange(64, dtype=np.float32)
    assert {float(reproducible.sum_in_parts(whole, n)) for n in (1, 2, 4, 8)} == {2016.0}
    left_to_right = np.float32(0)
    for value in values[:1000]:
        left_to_right += value
    assert reproducible.sum_in_parts(values[:1000], 1) == left_to_right
