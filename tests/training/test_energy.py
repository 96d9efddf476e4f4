import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from training.energy import (
    choose_device,
    distillation,
    four_levers,
    grid_mix,
    lifetime,
    lifetime_curve,
    lr_schedule,
    pruning,
    quantization,
    query_energy,
    training_energy,
)


@pytest.fixture(autouse=True)
def seed():
    keras.utils.set_random_seed(0)


def network(*widths, classes=10):
    model = keras.Sequential([keras.layers.Dense(width, "relu") for width in widths])
    model.add(keras.layers.Dense(classes))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def zero_share(model):
    kernels = np.concatenate([layer.kernel.numpy().ravel() for layer in model.layers])
    return np.mean(kernels == 0)


def accuracy(model, x, y):
    return float((model(x).numpy().argmax(axis=1) == y).mean())


# 剪枝


def test_pruning_removes_the_smallest():
    model = network(64)
    model.build((None, 16))
    before = [layer.kernel.numpy() for layer in model.layers]
    pruning.prune(model, 0.8)
    for kernel, layer in zip(before, model.layers):
        kept = layer.kernel.numpy()
        assert np.mean(kept == 0) == pytest.approx(0.8, abs=0.002)
        assert np.abs(kernel[kept == 0]).max() < np.abs(kept[kept != 0]).min()
        np.testing.assert_array_equal(kept[kept != 0], kernel[kept != 0])


def test_mask_holds_through_fine_tuning():
    """盖着掩码微调，零还是零，准确率回来；不盖，零权重全长回来。"""
    x, y = pruning.clusters(2000, seed=0)
    held_out = pruning.clusters(2000, seed=1)
    model = network(256, 256)
    model.fit(x, y, epochs=6, verbose=0)
    trained = accuracy(model, *held_out)
    masks = pruning.prune(model, 0.8)
    pruned, weights = accuracy(model, *held_out), model.get_weights()
    assert pruned < trained - 0.1
    model.fit(x, y, epochs=6, verbose=0, callbacks=[pruning.keep_zeros(masks)])
    assert zero_share(model) == pytest.approx(0.8, abs=0.002)
    assert accuracy(model, *held_out) > trained - 0.02
    model.set_weights(weights)
    model.fit(x, y, epochs=1, verbose=0)
    assert zero_share(model) < 0.1


def test_zeros_shrink_only_when_compressed(capsys):
    """剪枝不改变数组的大小，压缩之后才小。"""
    model = network(256, 256)
    model.build((None, 16))
    pruning.report("前", model)
    pruning.prune(model, 0.8)
    pruning.report("后", model)
    before, after = capsys.readouterr().out.splitlines()
    size = 4 * sum(n * m + m for n, m in ((16, 256), (256, 256), (256, 10)))
    assert f"{size:,} 字节" in before
    assert f"{size:,} 字节" in after
    packed = [int(line.rsplit(" ", 1)[1].rstrip("%")) for line in (before, after)]
    assert packed[0] > 85
    assert 20 < packed[1] < 35, "剩两成权重，再加上零的位置"


@pytest.mark.parametrize("fraction", [1.0, -0.1])
def test_pruning_everything_is_refused(fraction):
    """原博客的终点 1.0 会清空模型。"""
    with pytest.raises(ValueError, match=r"fraction 必须在 \[0, 1\) 内，收到"):
        pruning.prune(network(4), fraction)


# 量化


def test_int8_size_is_one_byte_a_weight_plus_scales():
    model = quantization.train(epochs=1)
    shapes = ((16, 256), (256, 256), (256, 10))
    assert quantization.weight_bytes(model) == sum(4 * (n * m + m) for n, m in shapes)
    model.quantize("int8")
    assert quantization.weight_bytes(model) == sum(n * m + 4 * m + 4 * m for n, m in shapes)


def test_int8_rounds_each_column_to_its_own_scale():
    """每个输出通道一个比例：最大绝对值对应 127。"""
    model = quantization.train(epochs=1)
    kernel = model.layers[0].kernel.numpy()
    model.quantize("int8")
    expected = np.round(kernel / (np.abs(kernel).max(axis=0) / 127))
    assert np.abs(model.layers[0].kernel.numpy() - expected).max() <= 1
    assert expected.min() < -120


def test_quantized_model_keeps_its_accuracy_and_shrinks():
    held_out = quantization.clusters(5000, seed=1)
    trained = quantization.train(epochs=3)
    exact = quantization.accuracy(trained, *held_out)
    assert exact > 0.95
    sizes = [quantization.weight_bytes(trained)]
    for mode in ("int8", "int4"):
        model = keras.models.clone_model(trained)
        model.set_weights(trained.get_weights())
        model.quantize(mode)
        assert quantization.accuracy(model, *held_out) == pytest.approx(exact, abs=0.01)
        grouped = any(weight.path.endswith("g_idx") for weight in model.weights)
        assert grouped == (mode == "int4"), "只有 int4 存分组索引"
        sizes.append(quantization.weight_bytes(model))
    assert sizes[0] / sizes[1] > 3.5
    assert 1.5 < sizes[1] / sizes[2] < 2, "零点、分组和比例也要占地方，所以不到两倍"


def test_compiled_file_hides_the_saving(tmp_path):
    """编译过的模型连 Adam 的两份状态一起存，文件大约是权重的三倍。"""
    model = quantization.train(epochs=1)
    model.save(tmp_path / "compiled.keras")
    plain = keras.Sequential.from_config(model.get_config())
    plain.set_weights(model.get_weights())
    plain.save(tmp_path / "plain.keras")
    plain.quantize("int8")
    plain.save(tmp_path / "int8.keras")
    compiled, plain, int8 = (
        (tmp_path / f"{name}.keras").stat().st_size for name in ("compiled", "plain", "int8")
    )
    assert 2.5 < compiled / plain < 3.2
    assert plain > 2.5 * int8


# 蒸馏


def test_temperature_softens_without_reordering():
    x = distillation.clusters(50, seed=3)[0]
    teacher = network(8)
    logits = teacher(x).numpy()
    for temperature in (1, 4):
        exponent = np.exp(logits / temperature)
        expected = exponent / exponent.sum(axis=1, keepdims=True)
        soft = distillation.soft_labels(teacher, x, temperature)
        np.testing.assert_allclose(soft, expected, rtol=1e-4)
    sharp = distillation.soft_labels(teacher, x, 1)
    assert (soft.max(axis=1) < sharp.max(axis=1)).all()
    assert (soft.argmax(axis=1) == sharp.argmax(axis=1)).all()
    with pytest.raises(ValueError, match="temperature 必须是正数"):
        distillation.soft_labels(teacher, x, 0)


def test_distillation_loss_is_the_scaled_cross_entropy():
    rng = np.random.default_rng(0)
    soft, logits = rng.dirichlet(np.ones(5), size=7), rng.normal(size=(7, 5))
    scaled = logits / 3
    log_q = scaled - np.log(np.exp(scaled).sum(axis=1, keepdims=True))
    loss = distillation.distillation_loss(3)(tf.constant(soft), tf.constant(logits)).numpy()
    np.testing.assert_allclose(loss, -9 * (soft * log_q).sum(axis=1))
    hard = np.eye(5)[[0, 1, 2, 3, 4, 0, 1]]
    plain = keras.losses.categorical_crossentropy(hard, logits, from_logits=True)
    np.testing.assert_allclose(distillation.distillation_loss(1)(hard, logits), plain)


def test_taught_student_beats_the_same_student_alone():
    """换一批样本，仍是跟老师学的更准；老师最准，参数也最多。"""
    x, y = distillation.clusters(5000, seed=0)
    held_out = distillation.clusters(5000, seed=1)
    hard = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    teacher = distillation.train((128, 128), x, y, hard, epochs=4, rate=0.003)
    few, labels = x[200:400], y[200:400]
    alone = distillation.train((16,), few, labels, hard, 50, 0.03)
    soft = distillation.soft_labels(teacher, few, 3)
    taught = distillation.train((16,), few, soft, distillation.distillation_loss(3), 50, 0.03)
    best, better, worse = (accuracy(model, *held_out) for model in (teacher, taught, alone))
    assert best > better > worse + 0.03
    assert teacher.count_params() > 40 * taught.count_params()


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


def test_three_compressions_share_one_problem():
    """三种压缩用同一批数据：三份 clusters 生成的点逐位相同。"""
    for ours, *others in zip(*(m.clusters(9, 7) for m in (pruning, quantization, distillation))):
        for other in others:
            np.testing.assert_array_equal(ours, other)
