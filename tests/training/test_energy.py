import subprocess
import sys
from functools import cache
from math import log

import keras
import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from training.energy import (
    choose_device,
    compression_table,
    digit_images,
    digit_network,
    distillation,
    energy_counter,
    four_levers,
    grid_mix,
    lever_ranking,
    lifetime,
    lifetime_curve,
    litert_export,
    lr_schedule,
    mixed_precision,
    patience,
    pruning,
    pruning_schedule,
    quantization,
    quantization_aware,
    query_energy,
    steps_to_loss,
    training_energy,
)


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


@cache
def digits():
    """scikit-learn 的手写数字，换一种分法：前 1200 张训练，其余测试。"""
    x, y = load_digits(return_X_y=True)
    return (x[:1200] / 16, np.eye(10)[y[:1200]]), (x[1200:] / 16, y[1200:])


@cache
def trained(width=128):
    return digit_network.train(digit_network.initial(width), *digits()[0], epochs=8)


def right(weights):
    return digit_network.accuracy(weights, *digits()[1])


def model(dtype="float64"):
    return pruning.keras_model(trained(), dtype)


@cache
def quantized(mode):
    made = model("float32")
    made.quantize(mode)
    return made


@cache
def files():
    x, y = digits()[0]
    return compression_table.files(x, y.argmax(axis=1))


def zero_share(weights):
    return np.mean(np.concatenate([kernel.ravel() for kernel in weights[::2]]) == 0)


# 手写数字和小网络


def test_split_is_the_whole_set_once():
    (x, y), (test_x, test_y) = digit_images.digits()
    assert len(x) == len(y) == 1200 and len(test_x) == len(test_y) == 597
    assert x.min() == 0 and x.max() == 1
    pixels, labels = load_digits(return_X_y=True)
    both = np.c_[np.concatenate([x, test_x]) * 16, np.r_[y, test_y]]
    whole = np.c_[pixels, labels]
    np.testing.assert_array_equal(both[np.lexsort(both.T)], whole[np.lexsort(whole.T)])


def test_gradients_are_those_of_tensorflow():
    """损失 −T² Σ q ln softmax(z / T)，由 TensorFlow 自动求导；T = 1 就是 Keras 的交叉熵。"""
    rng = np.random.default_rng(0)
    x, soft = rng.random((7, 64)), rng.dirichlet(np.ones(10), size=7)
    weights = [part + 0.1 * rng.normal(size=part.shape) for part in digit_network.initial(6)]
    keras_model = pruning.keras_model(weights)
    np.testing.assert_allclose(keras_model(x), digit_network.forward(weights, x)[-1])
    for temperature in (1, 3):
        with tf.GradientTape() as tape:
            logits = keras_model(x) / temperature
            loss = temperature**2 * keras.losses.categorical_crossentropy(soft, logits, True)
            loss = tf.reduce_mean(loss)
        expected = tape.gradient(loss, keras_model.trainable_variables)
        found = digit_network.gradients(weights, x, soft, temperature)
        for ours, theirs in zip(found, expected, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_training_steps_are_those_of_keras_adam():
    """一个样本一批，顺序无关：三步 Adam 与 Keras 的相同，after 看到的进度从 1/3 到 1。"""
    x, y = np.tile(digits()[0][0][:1], (50, 1)), np.tile(digits()[0][1][:1], (50, 1))
    start, seen = digit_network.initial(6), []

    def after(weights, progress):
        seen.append(progress)
        return weights

    found = digit_network.train(start, x, y, epochs=3, rate=0.01, after=after)
    theirs = pruning.keras_model(start)
    optimizer = keras.optimizers.Adam(0.01)
    for _ in range(3):
        gradients = digit_network.gradients(theirs.get_weights(), x, y)
        optimizer.apply_gradients(
            zip([tf.constant(g) for g in gradients], theirs.trainable_variables)
        )
    for ours, expected in zip(found, theirs.get_weights(), strict=True):
        np.testing.assert_allclose(ours, expected, atol=1e-5)
    assert seen == pytest.approx([1 / 3, 2 / 3, 1])
    frozen = digit_network.train(start, x, y, 1, seen=lambda _: [0 * part for part in start])
    for kernel, before in zip(frozen[::2], start[::2]):
        np.testing.assert_array_equal(kernel, before)  # 前向全是零，矩阵的梯度也是零


def test_every_image_is_seen_once_an_epoch():
    x = np.arange(200.0)[:, None] * np.ones(64)
    rows = []

    def spy(weights, x, targets, temperature):
        rows.append(x[:, 0])
        return [0.0] * 6

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digit_network, "gradients", spy)
        digit_network.train(digit_network.initial(2), x, np.zeros((200, 10)), epochs=2)
    assert [len(r) for r in rows] == [50] * 8
    for epoch in (rows[:4], rows[4:]):
        np.testing.assert_array_equal(np.sort(np.concatenate(epoch)), np.arange(200))
    assert not np.array_equal(np.concatenate(rows[:4]), np.concatenate(rows[4:]))


def test_wider_is_more_accurate():
    narrow = digit_network.train(digit_network.initial(16), *digits()[0], epochs=8)
    assert right(trained()) > right(narrow) + 0.02
    assert sum(part.size for part in narrow) * 10 < sum(part.size for part in trained())


# 剪枝


def test_pruning_removes_the_smallest():
    pruned = model()
    pruning.prune(pruned, 0.8)
    for before, kept in zip(trained()[::2], pruned.get_weights()[::2]):
        assert np.mean(kept == 0) == pytest.approx(0.8, abs=0.002)
        assert np.abs(before[kept == 0]).max() < np.abs(kept[kept != 0]).min()
        np.testing.assert_array_equal(kept[kept != 0], before[kept != 0])
    for before, kept in zip(trained()[1::2], pruned.get_weights()[1::2]):
        np.testing.assert_array_equal(kept, before)  # 偏置不剪
    assert pruning_schedule.largest(trained()[0], 0).all()


def test_mask_holds_through_fine_tuning():
    """盖着掩码微调，零还是零，准确率回来；不盖，零权重全长回来。"""
    x, y = digits()[0]
    pruned = model()
    masks = pruning.prune(pruned, 0.8)
    weights = pruned.get_weights()
    assert right(weights) < right(trained()) - 0.05
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    pruned.compile(keras.optimizers.Adam(0.003), loss, jit_compile=False)
    pruned.fit(x, y, epochs=3, verbose=0, callbacks=[pruning.keep_zeros(masks)])
    assert zero_share(pruned.get_weights()) == pytest.approx(0.8, abs=0.002)
    assert right(pruned.get_weights()) > right(trained()) - 0.02
    pruned.set_weights(weights)
    pruned.fit(x, y, epochs=1, verbose=0)
    # 有些像素在每张图里都是黑的，从它们出发的权重没有梯度，不会长回来
    assert zero_share(pruned.get_weights()) < 0.2


def test_zeros_shrink_only_when_compressed(capsys):
    """剪枝不改变数组的大小，压缩之后才小。"""
    pruned = model()
    pruning.prune(pruned, 0.8)
    for stage, weights in (("前", trained()), ("后", pruned.get_weights())):
        pruning.report(stage, weights, digits()[1])
    before, after = capsys.readouterr().out.splitlines()
    size = 4 * sum(n * m + m for n, m in ((64, 128), (128, 128), (128, 10)))
    assert f"{size:,} 字节" in before
    assert f"{size:,} 字节" in after
    packed = [int(line.rsplit(" ", 1)[1].rstrip("%")) for line in (before, after)]
    assert packed[0] > 85
    assert 20 < packed[1] < 35, "剩两成权重，再加上零的位置"


@pytest.mark.parametrize("fraction", [1.0, -0.1])
def test_pruning_everything_is_refused(fraction):
    """原博客的终点 1.0 会清空模型。"""
    with pytest.raises(ValueError, match=r"fraction 必须在 \[0, 1\) 内，收到"):
        pruning.prune(model(), fraction)


def test_cubic_schedule_of_the_paper():
    """Zhu 与 Gupta：s_t = s_f + (s_i − s_f)(1 − t)³，s_i = 0；先快后慢。"""
    ticks = np.linspace(0, 1, 9)
    values = [pruning_schedule.cubic(t, 0.95) for t in ticks]
    np.testing.assert_allclose(values, 0.95 + (0 - 0.95) * (1 - ticks) ** 3)
    assert values[0] == 0 and values[-1] == pytest.approx(0.95)
    assert (np.diff(values) > 0).all() and (np.diff(values, 2) < 0).all()
    with pytest.raises(ValueError, match="progress 必须在 0 到 1 之间，收到 1.1"):
        pruning_schedule.cubic(1.1, 0.9)
    plan = [pruning_schedule.gradual(0.95)(t) for t in (0, 0.35, 0.7, 1)]
    assert plan == pytest.approx([0, 0.95 * (1 - 0.5**3), 0.95, 0.95])


def test_gradual_beats_one_shot_at_the_same_sparsity():
    """同样的终点、同样的步数，逐步剪更准；剪过的再也不回来。"""
    results = {}
    for name, sparsity in (("一次", lambda _: 0.96), ("逐步", pruning_schedule.gradual(0.96))):
        prune, zeros = pruning_schedule.pruner(sparsity), []

        def after(weights, progress, prune=prune, zeros=zeros):
            weights = prune(weights, progress)
            zeros.append(np.concatenate([kernel.ravel() for kernel in weights[::2]]) == 0)
            return weights

        weights = digit_network.train(trained(), *digits()[0], epochs=8, after=after)
        assert all(later[earlier].all() for earlier, later in zip(zeros, zeros[1:]))
        assert zero_share(weights) == pytest.approx(0.96, abs=0.003)
        assert all(np.any(bias) for bias in weights[1::2])
        results[name] = right(weights)
    assert results["逐步"] > results["一次"] + 0.05
    assert max(results.values()) < right(trained()) - 0.03, "两种都没有回到剪之前"


# 量化


shapes = ((64, 128), (128, 128), (128, 10))


def test_int8_size_is_one_byte_a_weight_plus_scales():
    before, after = (quantization.weight_bytes(m) for m in (model("float32"), quantized("int8")))
    assert before == sum(4 * (n * m + m) for n, m in shapes)
    assert after == sum(n * m + 4 * m + 4 * m for n, m in shapes)


def test_int8_rounds_each_column_to_its_own_scale():
    """每个输出通道一个比例：最大绝对值对应 127。"""
    kernel = trained()[0]
    expected = np.round(kernel / (np.abs(kernel).max(axis=0) / 127))
    assert np.abs(quantized("int8").layers[0].kernel.numpy() - expected).max() <= 1
    assert expected.min() < -120


def test_quantized_model_keeps_its_accuracy_and_shrinks():
    held_out = digits()[1]
    exact = quantization.model_accuracy(model("float32"), *held_out)
    assert exact == right(trained()) > 0.9, "Keras 的前向与 NumPy 的相同"
    sizes = [quantization.weight_bytes(model("float32"))]
    for mode in ("int8", "int4"):
        found = quantization.model_accuracy(quantized(mode), *held_out)
        assert found == pytest.approx(exact, abs=0.01)
        grouped = any(weight.path.endswith("g_idx") for weight in quantized(mode).weights)
        assert grouped == (mode == "int4"), "只有 int4 存分组索引"
        sizes.append(quantization.weight_bytes(quantized(mode)))
    assert sizes[0] / sizes[1] > 3.5
    assert 1.5 < sizes[1] / sizes[2] < 2, "零点、分组和比例也要占地方，所以不到两倍"


def test_compiled_file_hides_the_saving(tmp_path):
    """编译过的模型连 Adam 的两份状态一起存，文件大约是权重的三倍。"""
    saved = model("float32")
    saved.save(tmp_path / "plain.keras")
    saved.compile("adam", "mse")
    saved.optimizer.build(saved.trainable_variables)
    saved.save(tmp_path / "compiled.keras")
    quantized("int8").save(tmp_path / "int8.keras")
    compiled, plain, int8 = (
        (tmp_path / f"{name}.keras").stat().st_size for name in ("compiled", "plain", "int8")
    )
    assert 2.4 < compiled / plain < 3.2
    assert plain > 2 * int8


# 蒸馏


def test_temperature_softens_without_reordering():
    x, teacher = digits()[1][0][:50], trained()
    logits = digit_network.forward(teacher, x)[-1]
    for temperature in (1, 4):
        expected = keras.ops.softmax(logits / temperature)
        soft = distillation.soft_labels(teacher, x, temperature)
        np.testing.assert_allclose(soft, expected)
    sharp = distillation.soft_labels(teacher, x, 1)
    assert (soft.max(axis=1) < sharp.max(axis=1)).all()
    assert (soft.argmax(axis=1) == sharp.argmax(axis=1)).all()
    with pytest.raises(ValueError, match="temperature 必须是有限的正数，收到 0"):
        distillation.soft_labels(teacher, x, 0)


def test_taught_student_beats_the_same_student_alone():
    """换一批样本，仍是跟老师学的更准；老师最准，参数也最多。"""
    (x, y), start = digits()[0], digit_network.initial(16)
    few = slice(200, 300)
    alone = digit_network.train(start, x[few], y[few], 100, 0.01)
    soft = distillation.soft_labels(trained(), x[few], 3)
    taught = digit_network.train(start, x[few], soft, 100, 0.01, temperature=3)
    assert right(trained()) > right(taught) > right(alone) + 0.03
    narrow = digit_network.train(digit_network.initial(128), x[few], y[few], 100)
    soft = distillation.soft_labels(narrow, x[few], 3)
    copied = digit_network.train(start, x[few], soft, 100, 0.01, temperature=3)
    assert right(taught) > right(copied) + 0.02, "只见过同样一百张图的老师，没有多少可教"


def test_whole_channels_cost_more_accuracy_than_single_weights():
    def cut(score):
        return [
            w * pruning_schedule.largest(score(w), 0.5)
            if w.shape[-1:] == (128,) and w.ndim == 2
            else w
            for w in trained()
        ]

    channels, weights = cut(lambda w: np.linalg.norm(w, axis=0)), cut(np.abs)
    assert right(channels) < right(weights) - 0.02


# 设备


def test_probe_reads_the_environment_and_device_files_only(tmp_path, monkeypatch):
    def dial(*_, **__):
        raise AssertionError("探测时不该连接任何地址")

    monkeypatch.setattr(tf.distribute.cluster_resolver, "TPUClusterResolver", dial)
    assert choose_device.find_devices({}, tmp_path)["TPU"] == 0
    assert choose_device.find_devices({"TPU_NAME": "grpc://10.0.0.1"}, tmp_path)["TPU"] == 1
    for i in range(4):
        (tmp_path / f"accel{i}").touch()
    devices = choose_device.find_devices({}, tmp_path)
    assert devices["TPU"] == 4
    assert devices["CPU"] == len(tf.config.list_physical_devices("CPU"))


def test_tpu_strategy_gets_the_resolver(monkeypatch):
    """测试机没有 TPU：记下调用的顺序和参数，确认 resolver 一路传到策略。"""
    calls = []
    resolver = object()

    def record(name, result=None):
        return lambda *args, **kwargs: (calls.append((name, args, kwargs)), result)[1]

    monkeypatch.setenv("TPU_NAME", "my-tpu")
    distribute, tpu = tf.distribute, tf.tpu.experimental
    monkeypatch.setattr(distribute.cluster_resolver, "TPUClusterResolver", record("find", resolver))
    monkeypatch.setattr(tf.config, "experimental_connect_to_cluster", record("connect"))
    monkeypatch.setattr(tpu, "initialize_tpu_system", record("initialize"))
    monkeypatch.setattr(distribute, "TPUStrategy", record("strategy", "TPU 策略"))
    assert choose_device.choose_strategy({"TPU": 1, "GPU": 8, "CPU": 1}) == "TPU 策略"
    assert calls == [
        ("find", (), {"tpu": "my-tpu"}),
        ("connect", (resolver,), {}),
        ("initialize", (resolver,), {}),
        ("strategy", (resolver,), {}),
    ]


def test_blog_tpu_strategy_fails_without_a_resolver(monkeypatch):
    for name in ("TPU_NAME", "TPU_CONFIG", "KUBE_GOOGLE_CLOUD_TPU_ENDPOINTS"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="TPU Name"):
        tf.distribute.experimental.TPUStrategy()


def test_gpu_uses_all_and_cpu_needs_no_strategy(monkeypatch):
    monkeypatch.setattr(tf.distribute, "MirroredStrategy", lambda: "镜像策略")
    assert choose_device.choose_strategy({"TPU": 0, "GPU": 2, "CPU": 1}) == "镜像策略"
    plain = choose_device.choose_strategy({"TPU": 0, "GPU": 0, "CPU": 1})
    assert plain.num_replicas_in_sync == 1


def test_one_code_path_gives_one_result():
    """一步梯度下降可以手算：均方误差的梯度是 -2·2·mean(x²) = -30，学习率 0.01，权重到 0.3。"""
    two = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    assert two.num_replicas_in_sync == 2
    for strategy in (tf.distribute.get_strategy(), two):
        assert choose_device.train(strategy) == pytest.approx(0.3, rel=1e-6)


# 学习率


def test_schedule_reaches_the_optimizer():
    rates, decayed = lr_schedule.train(keras.optimizers.SGD(lr_schedule.schedule(0.1, 0.5)), 4)
    np.testing.assert_allclose(rates, [0.1, 0.1 / 1.5, 0.1 / 2, 0.1 / 2.5], rtol=1e-6)
    _, constant = lr_schedule.train(keras.optimizers.SGD(0.1), 4)
    assert np.abs(decayed - constant).max() > 0.01
    by_hand = keras.optimizers.SGD(0.1)
    weights = train_assigning(by_hand, 4)
    np.testing.assert_allclose(decayed, weights, rtol=1e-6)


def train_assigning(optimizer, epochs):
    """NumPy 里的同一次训练，每轮按公式改学习率。"""
    rng = np.random.default_rng(0)
    steps = lr_schedule.steps_per_epoch
    x = rng.normal(size=(steps, 4, 8))
    y = x.sum(axis=-1, keepdims=True) + rng.normal(size=(steps, 4, 1))
    w = np.zeros((8, 1))
    for epoch in range(epochs):
        for inputs, targets in zip(x, y):
            w = w - 0.1 / (1 + 0.5 * epoch) * 2 * inputs.T @ (inputs @ w - targets) / 4
    return w


def test_unassigned_rate_changes_nothing():
    """原博客的写法：学习率算了不用，权重逐位不变，优化器的学习率也不变。"""
    _, constant = lr_schedule.train(keras.optimizers.SGD(0.1), 3)
    rates, blog = lr_schedule.train(keras.optimizers.SGD(0.1), 3, unused_decay=0.5)
    np.testing.assert_array_equal(blog, constant)
    assert len(set(rates)) == 1


@pytest.mark.parametrize(("inside_function", "reported"), [(True, True), (False, False)])
def test_ruff_sees_the_unused_rate_only_inside_a_function(inside_function, reported):
    loop = "for epoch in range(3):\n    current_learning_rate = 0.1 / (1 + epoch)\n"
    if inside_function:
        loop = "def train():\n" + "".join(f"    {line}\n" for line in loop.splitlines())
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F841", "-"]
    ruff = subprocess.run(command, input=loop, capture_output=True, text=True)
    assert ("F841" in ruff.stdout) == reported
    assert ruff.returncode == int(reported)


def test_decay_lands_closer():
    _, constant = lr_schedule.train(keras.optimizers.SGD(0.1), 5)
    _, decayed = lr_schedule.train(keras.optimizers.SGD(lr_schedule.schedule(0.1, 0.5)), 5)
    assert np.linalg.norm(decayed - 1) < np.linalg.norm(constant - 1)


# 能耗


def test_published_energy_and_carbon():
    """Patterson 等，表 4；Luccioni 等，BLOOM。"""
    gpt3 = training_energy.energy_kwh(14.8 * 24, 10_000, 330, 1.10)
    assert gpt3 == pytest.approx(1_287_000, rel=0.003)
    assert training_energy.carbon_t(1_287_000, 0.429) == pytest.approx(552.1, rel=0.001)
    t5 = training_energy.energy_kwh(20 * 24, 512, 310, 1.12)
    assert t5 == pytest.approx(85_700, rel=0.006)
    assert training_energy.carbon_t(85_700, 0.545) == pytest.approx(46.7, rel=0.002)
    bloom = training_energy.energy_kwh(
        training_energy.BLOOM_GPU_HOURS, 1, training_energy.A100_TDP_WATTS
    )
    assert bloom == 433_196
    assert training_energy.carbon_t(bloom, 0.057) == pytest.approx(24.69, rel=0.001)
    llama = training_energy.energy_kwh(1_022_362, 1, 400, 1.1)
    assert training_energy.carbon_t(llama, 0.385) == pytest.approx(173, rel=0.003)


def test_page_inputs_are_those_of_the_paper():
    gpus, days, _ = training_energy.GPT3
    gpt3 = training_energy.energy_kwh(
        days * 24, gpus, training_energy.GPT3_WATTS_PER_GPU, training_energy.GPT3_PUE
    )
    assert gpt3 == pytest.approx(1_287_000, rel=0.003)
    assert training_energy.GPT3[2] / 2 > 456, "GLaM 的用电不到 GPT-3 的一半"
    ratio = training_energy.US_GRID_KG_PER_KWH / training_energy.FRANCE_GRID_KG_PER_KWH
    assert ratio == pytest.approx(7.5, abs=0.05)


def test_pue_below_one_is_impossible():
    with pytest.raises(ValueError, match="pue 至少是 1，收到 0.9"):
        training_energy.energy_kwh(1, 1, 1, 0.9)


def test_published_grid_mix_is_per_megawatt_hour():
    """CodeCarbon 的例子：和是 731.59，单位随表，是 kg/MWh；写成 kg/kWh 就比烧煤还高几百倍。"""
    shares = dict(zip(("煤", "石油", "天然气", "核"), (0.25, 0.35, 0.26, 0.14)))
    table = dict(zip(grid_mix.names, grid_mix.GENERATION_KG_PER_MWH))
    kg = grid_mix.mix_kg_per_kwh({name: (share, table[name]) for name, share in shares.items()})
    assert kg * 1_000 == pytest.approx(731.59)
    coal = grid_mix.mix_kg_per_kwh({"煤": (1.0, table["煤"])})
    assert coal == 0.995 and kg < coal  # 混合不会比最脏的一种还脏


def test_shares_of_a_grid_add_up_to_one():
    with pytest.raises(ValueError, match="mix 的占比之和必须是 1，收到 0.9"):
        grid_mix.mix_kg_per_kwh({"煤": (0.9, 995)})
    with pytest.raises(ValueError, match="kg_per_mwh 必须是非负的有限数，收到 -1"):
        grid_mix.mix_kg_per_kwh({"煤": (1.0, -1)})


epoch = {"flop_per_s": 9.89e14, "watts": 1_275, "pue": 1.2, "load": 0.7}


@pytest.mark.parametrize(
    ("params", "tokens", "used", "published"),
    [(1e11, 500, 0.1, 0.301), (1e11, 1_500, 0.1, 0.902), (2e10, 500, 0.1, 0.060)],
)
def test_published_energy_of_a_query(params, tokens, used, published):
    """Epoch AI 估算表的前三列。"""
    found = query_energy.query_wh(params, tokens, utilisation=used, **epoch)
    assert found == pytest.approx(published, abs=0.0005)


@given(st.floats(0.02, 1))
def test_query_energy_is_inverse_to_utilisation(used):
    half, full = (
        query_energy.query_wh(1e11, 500, utilisation=u, **epoch) for u in (used / 2, used)
    )
    assert half == pytest.approx(2 * full)


def test_impossible_queries_are_refused():
    with pytest.raises(ValueError, match="utilisation 必须大于 0 且不超过 1，收到 10"):
        query_energy.query_wh(1e11, 500, utilisation=10, **epoch)
    with pytest.raises(ValueError, match="load 必须大于 0 且不超过 1，收到 70"):
        query_energy.query_wh(1e11, 500, utilisation=0.1, **epoch | {"load": 70})
    with pytest.raises(ValueError, match="output_tokens 必须是非负的有限数，收到 -1"):
        query_energy.query_wh(1e11, -1, utilisation=0.1, **epoch)


def test_levers_reproduce_the_paper():
    """Patterson 等，表 1 与图 1：316 kWh 到 30 kWh，135.7 kg 到 2.4 kg，合计 57 倍。"""
    runs = dict(four_levers.pull_levers())
    start, end = runs["起点　"], runs["换电网"]
    assert start.kwh == pytest.approx(316, abs=0.5)
    assert start.kg == pytest.approx(135.7, abs=0.1)
    assert end.kwh == pytest.approx(30, abs=0.5)
    assert end.kg == pytest.approx(2.4, abs=0.05)
    assert start.kg / end.kg == pytest.approx(57, abs=0.5)
    assert end.kwh * four_levers.IOWA_GROSS_KG_PER_KWH == pytest.approx(14.3, abs=0.1)
    assert four_levers.IOWA_GROSS_KG_PER_KWH > four_levers.US_GRID_KG_PER_KWH


def test_place_changes_carbon_not_energy():
    runs = [run for _, run in four_levers.pull_levers()]
    assert [a.kwh > b.kwh for a, b in zip(runs, runs[1:])] == [True, True, True, False]
    assert runs[3].kwh == runs[4].kwh
    assert all(a.kg > b.kg for a, b in zip(runs, runs[1:]))
    cuts = [a.kg / b.kg for a, b in zip(runs, runs[1:])]
    assert sorted(cuts) == [cuts[0], cuts[2], cuts[3], cuts[1]], "芯片、电网、机房、模型，从大到小"


def test_compression_saves_inference_not_training():
    """逐个 token 数运算：训练 6N，推理 2N。不服务就一点不省；服务三倍的 token，推理追上训练。"""
    for ratio in (0, 1, 3, 30):
        train, serve = 6 * 300, 2 * 300 * ratio
        assert lifetime.inference_share(ratio) == pytest.approx(serve / (train + serve))
        after = train + serve * (1 - 0.4)
        assert lifetime.total_saving(ratio, 0.4) == pytest.approx(1 - after / (train + serve))
    assert lifetime.total_saving(0, 0.9) == 0
    assert lifetime.inference_share(3) == 0.5
    assert lifetime.total_saving(1e9, 0.5) < 0.5
    with pytest.raises(ValueError, match="served_over_trained 不能为负"):
        lifetime.inference_share(-1)


def test_curve_on_the_page():
    """从零升起，推理与训练相当时省一半，只升不降，最后趋于推理省下的比例。"""
    assert lifetime_curve.total_saving is lifetime.total_saving  # 图用的是页面上的公式
    saved = [lifetime.total_saving(served, 0.75) for served in (0, 0.5, 3, 40, 1e9)]
    assert saved[0] == 0
    assert saved[2] == 0.75 / 2
    assert saved == sorted(saved)
    assert saved[-1] == pytest.approx(0.75)


def test_blog_compression_interfaces_do_not_exist():
    assert not hasattr(tf.keras.models, "prune_low_magnitude")
    assert not hasattr(tf.keras.utils, "quantize_model")
    with pytest.raises(TypeError, match="initial_pruning_value"):
        keras.optimizers.schedules.PolynomialDecay(initial_pruning_value=0.2)


# 量化感知、LiteRT、一张表


def test_rounding_has_few_levels():
    rng = np.random.default_rng(0)
    kernel, bias = rng.normal(size=(50, 7)), rng.normal(size=7)
    for bits in (2, 3, 8):
        found, same = quantization_aware.rounded(bits)([kernel, bias])
        assert same is bias
        most = 2 ** (bits - 1) - 1
        scale = np.abs(kernel).max(axis=0) / most
        levels = found / scale
        np.testing.assert_allclose(levels, levels.round(), atol=1e-9)
        np.testing.assert_allclose(np.abs(levels).max(axis=0), most)
        assert (np.abs(found - kernel) <= scale / 2 + 1e-12).all(), "误差不超过半格"
    with pytest.raises(ValueError, match="bits 至少是 2，收到 1"):
        quantization_aware.round_to(kernel, 1)


def test_straight_through_is_the_gradient_at_the_rounded_weights():
    """TensorFlow 里的直通估计：前向取整，反向当作没有取整。与片段里的写法梯度相同；不用它，梯度是零。"""
    rng = np.random.default_rng(0)
    x, y = rng.random((5, 64)), np.eye(10)[[1, 2, 3, 4, 5]]
    weights = digit_network.initial(6)
    rounding = quantization_aware.rounded(2)
    variables = [tf.Variable(part) for part in weights]
    with tf.GradientTape(persistent=True) as tape:
        through = [
            part + tf.stop_gradient(new - part) for part, new in zip(variables, rounding(weights))
        ]
        hidden = tf.nn.relu(x @ through[0] + through[1])
        hidden = tf.nn.relu(hidden @ through[2] + through[3])
        logits = hidden @ through[4] + through[5]
        loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(y, logits))
        cut = tf.reduce_sum(tf.round(variables[0]))
    found = digit_network.gradients(rounding(weights), x, y)
    for ours, theirs in zip(found, tape.gradient(loss, variables), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    blocked = tape.gradient(cut, variables[0])
    assert blocked is None or not np.any(blocked)


def test_quantization_aware_wins_where_bits_are_few():
    """两位时差很多；四位时训完再量化也够了。两边的训练轮数相同。"""
    longer = digit_network.train(trained(), *digits()[0], epochs=4)
    post = {bits: right(quantization_aware.rounded(bits)(longer)) for bits in (2, 3, 4)}
    assert right(longer) - post[4] < 0.02 < right(longer) - post[2]
    gain = {}
    for bits in (2, 3):
        rounding = quantization_aware.rounded(bits)
        aware = rounding(digit_network.train(trained(), *digits()[0], epochs=4, seen=rounding))
        gain[bits] = right(aware) - post[bits]
    assert gain[2] > 0.05 and gain[2] > gain[3] > -0.01, "位数越少，差得越多"


def test_litert_int8_shrinks_and_needs_calibration():
    (x, _), held_out = digits()
    plain, int8 = files()["原样"], files()["int8"]
    blank = litert_export.convert(model("float32"), 0 * x[:100])
    assert litert_export.file_accuracy(plain, *held_out) == pytest.approx(
        right(trained()), abs=0.002
    )
    assert litert_export.file_accuracy(int8, *held_out) == pytest.approx(right(trained()), abs=0.01)
    assert litert_export.file_accuracy(blank, *held_out) < 0.5
    assert len(blank) == pytest.approx(len(int8), rel=0.01), "校准错了，文件一样大"
    weights = sum(4 * part.size for part in trained())
    assert weights < len(plain) < weights + 6000, "文件主要是权重"
    assert 2.5 < len(plain) / len(int8) < 4, "权重到四分之一，头和比例不变"
    details = litert_export.load(int8, 1).get_tensor_details()
    kernels = [d for d in details if d["dtype"] == np.int8 and tuple(d["shape"]) == (128, 128)]
    assert kernels, "隐藏层的权重是 int8"
    assert all(litert_export.load(plain, n).get_input_details()[0]["shape"][0] == n for n in (1, 7))


def test_one_table_of_compressions():
    """剪枝不改文件大小，压缩后才小；int8 约三分之一；剪枝加 int8 最小的一份与学生相当。"""
    made, held_out = files(), digits()[1]
    size = {name: len(file) for name, file in made.items()}
    packed = {name: len(compression_table.lzma.compress(file)) for name, file in made.items()}
    score = {name: litert_export.file_accuracy(file, *held_out) for name, file in made.items()}
    assert size["剪掉九成"] == pytest.approx(size["原样"], rel=0.002)
    assert packed["剪掉九成"] < 0.25 * packed["原样"]
    assert size["int8"] < 0.4 * size["原样"]
    assert packed["剪枝加 int8"] < 0.4 * min(packed["int8"], 2 * packed["剪掉九成"])
    assert size["蒸馏的学生"] < 0.1 * size["原样"]
    assert score["原样"] - score["int8"] < 0.01
    assert all(score["原样"] - share < 0.06 for share in score.values())
    assert len(made["量化感知 int8"]) == pytest.approx(len(made["int8"]), rel=0.002)
    (x, y), _ = digits()
    longer = digit_network.train(trained(), x, y, 2)
    assert score["量化感知 int8"] == pytest.approx(right(longer), abs=0.01), "八位不必量化感知"
    used = {name: compression_table.seconds(file, 512) for name, file in made.items()}
    assert used["蒸馏的学生"] < 0.6 * used["原样"], "学生的矩阵真的小了"
    assert used["剪掉九成"] > 0.8 * used["原样"], "零照乘不误"


# 混合精度


def test_float16_gradient_underflows_and_scaling_saves_it():
    """2⁻²⁴ 是 float16 最小的正数；bfloat16 的指数与 float32 一样宽。"""
    assert float(np.nextafter(np.float16(0), np.float16(1))) == 2**-24 > 1e-8
    assert mixed_precision.gradient("float16") == 0
    for dtype, scale in (("float32", 1), ("bfloat16", 1), ("float16", 1024)):
        assert mixed_precision.gradient(dtype, scale) == pytest.approx(1e-8, rel=0.01)
    assert ml_dtypes.finfo("bfloat16").nexp == np.finfo("float32").nexp > np.finfo("float16").nexp


def test_small_updates_need_a_float32_copy():
    assert mixed_precision.stored_update("bfloat16", 0.001) == 0
    assert 2 ** -(ml_dtypes.finfo("bfloat16").nmant + 2) > 0.001, "不到相邻两数的一半，就舍掉了"
    for dtype in ("float32", "float16"):
        assert mixed_precision.stored_update(dtype, 0.001) == pytest.approx(0.001, rel=0.03)


def test_loss_scale_skips_the_overflow_and_halves():
    def optimizer():
        return keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(0.5), initial_scale=1024.0)

    assert mixed_precision.step(optimizer(), 1024.0) == (0.5, 1024)
    assert mixed_precision.step(optimizer(), float("inf")) == (1.0, 512)
    assert mixed_precision.step(optimizer(), float("nan")) == (1.0, 512)
    assert mixed_precision.matmul_seconds("float32", 8) > 0


# 电表


def zone(root, name, energy, largest=1_000_000_000):
    (root / name).mkdir()
    (root / name / "energy_uj").write_text(f"{energy}\n")
    (root / name / "max_energy_range_uj").write_text(f"{largest}\n")


def test_counters_are_read_once_each(tmp_path):
    """内核文档的目录：只数整颗处理器这一层，不数下一层的分项；mmio 是同一颗的另一个入口。"""
    assert energy_counter.read_counters(tmp_path / "没有") == {}
    assert energy_counter.joules({}, {}) == 0
    for name, energy in (
        ("intel-rapl:0", 5_000_000),
        ("intel-rapl:0:0", 4_000_000),
        ("intel-rapl:1", 999_000_000),
        ("intel-rapl-mmio:0", 5_000_000),
    ):
        zone(tmp_path, name, energy)
    (tmp_path / "intel-rapl:2").mkdir()  # 读不到的区，不算
    before = energy_counter.read_counters(tmp_path)
    assert before == {
        "intel-rapl:0": (5_000_000, 1_000_000_000),
        "intel-rapl:1": (999_000_000, 1_000_000_000),
    }
    (tmp_path / "intel-rapl:0/energy_uj").write_text("7000000")
    (tmp_path / "intel-rapl:1/energy_uj").write_text("2000000")  # 到顶归零
    after = energy_counter.read_counters(tmp_path)
    assert energy_counter.joules(before, after) == pytest.approx(2 + 3)


def test_model_replaces_the_missing_meter():
    """10 小时 × 200 W × 60% × 1.59 = 1.908 kWh。"""
    assert energy_counter.modelled_kwh(10, 200, 0.6, 1.59) == pytest.approx(1.908)
    assert energy_counter.modelled_kwh(10, 200, 1, 1.59) == pytest.approx(1.908 / 0.6)
    with pytest.raises(ValueError, match="load 必须是非负的有限数，收到 -1"):
        energy_counter.modelled_kwh(10, 200, -1, 1.59)


# 哪个杠杆最重要


def test_log_shares_rank_the_levers():
    assert lever_ranking.log_shares([2, 4, 8]) == pytest.approx([1 / 6, 2 / 6, 3 / 6])
    carbon = lever_ranking.measured_times("kg")
    assert np.prod(carbon) == pytest.approx(57, abs=0.5)
    share = dict(zip(lever_ranking.names, lever_ranking.log_shares(carbon)))
    assert share["芯片"] == pytest.approx(log(6.16) / log(57), abs=0.01)
    assert sorted(share, key=share.get) == ["模型", "机房", "地点", "芯片"]
    energy = dict(
        zip(lever_ranking.names, lever_ranking.log_shares(lever_ranking.measured_times("kwh")))
    )
    assert energy["地点"] == pytest.approx(0, abs=1e-12), "换电网不省电"
    assert energy["芯片"] > 0.7
    for times in (lever_ranking.FOUR_LEVERS_TIMES[::2], lever_ranking.FOUR_LEVERS_TIMES[1::2]):
        share = dict(zip(lever_ranking.names, lever_ranking.log_shares(list(times))))
        assert min(share, key=share.get) == "机房"
        assert share["模型"] + share["地点"] > 0.6, "公布的幅度里，前两名是模型和地点"
    with pytest.raises(ValueError, match="times 都要至少是 1"):
        lever_ranking.log_shares([0.5, 2])


# 少走几步


def test_expected_excess_matches_a_simulation():
    """递推的期望与抽样一万次的平均相差不到 3%。"""
    rng = np.random.default_rng(0)
    w, excess = np.zeros((10_000, 8)), 8.0
    for rate in (0.1, 0.05, 0.02, 0.01):
        for _ in range(5):
            x = rng.normal(size=(len(w), 4, 8))
            error = np.einsum("nbd,nd->nb", x, w - 1) - rng.normal(size=(len(w), 4))
            w = w - rate * 2 * np.einsum("nbd,nb->nd", x, error) / 4
            excess = steps_to_loss.next_excess(excess, rate)
        assert ((w - 1) ** 2).sum(axis=1).mean() == pytest.approx(excess, rel=0.03)


def test_decay_saves_steps_only_when_the_target_is_strict():
    rates = np.geomspace(0.0003, 0.15, 40)
    saved = []
    for target in (1, 0.1, 0.01):
        flat, decayed = (
            f(target, rates) for f in (steps_to_loss.constant_steps, steps_to_loss.linear_steps)
        )
        saved.append(1 - decayed / flat)
        assert steps_to_loss.linear_final(decayed, rates) <= target
        assert steps_to_loss.linear_final(decayed - 1, rates) > target
    assert saved[0] < 0 < saved[1] < saved[2], "目标松，衰减反而多走几步；目标越严，省得越多"
    with pytest.raises(ValueError, match="target 取 1e-09，rates 里没有一个在 50 步内到达"):
        steps_to_loss.constant_steps(1e-9, rates, 50)


def test_patience_counts_from_the_best():
    losses = [5, 4, 4.5, 3, 3.2, 3.1, 2]
    assert patience.stop_after(losses, 1) == 3
    assert patience.stop_after(losses, 2) == 6
    assert patience.stop_after(losses, 3) == 7
    assert patience.stop_after([3, 2, 1], 1) == 3
    with pytest.raises(ValueError, match="patience 至少是 1，收到 0"):
        patience.stop_after(losses, 0)


@given(st.lists(st.floats(0, 9), min_size=1, max_size=30), st.integers(1, 9))
def test_more_patience_never_ends_worse(losses, wait):
    short, long = (patience.stop_after(losses, w) for w in (wait, wait + 1))
    assert short <= long
    assert min(losses[:long]) <= min(losses[:short])


def test_early_stopping_saves_epochs_at_the_same_loss():
    """耐心 10 与跑满，最好一轮一样好；耐心 1 停得太早；跑满的最后一轮更差。"""
    (x, y), (valid_x, valid_y) = digit_images.digits()
    labels = patience.mislabel(y[:300], 0.2)
    assert 0.1 < np.mean(labels != y[:300]) < 0.3
    losses = patience.validation_losses(150, x[:300], labels, valid_x[:200], valid_y[:200])
    early, late = (patience.stop_after(losses, wait) for wait in (1, 10))
    assert late < 75, "省一半以上"
    assert losses[:late].min() == losses.min()
    assert losses[:early].min() > losses.min() + 0.1
    assert losses[-1] > losses.min() + 0.03
