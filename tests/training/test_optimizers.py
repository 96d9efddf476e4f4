import numpy as np
import pytest
import tensorflow as tf

from training.optimizers import adagrad, adam, compare, sgd, state_bytes, step_size

keras = tf.keras.optimizers
varying = np.random.default_rng(0).normal(0.5, 2, size=60)  # 大小和符号都在变的梯度


# SGD


@pytest.mark.parametrize("batch_size", [1, 5, 32, 64])
def test_an_epoch_uses_every_sample_once_in_a_new_order(batch_size):
    ids = np.arange(64)
    dataset = sgd.batches(ids, ids, batch_size, seed=0)
    first, second = (np.concatenate([x for x, _ in dataset.as_numpy_iterator()]) for _ in range(2))
    assert sorted(first) == sorted(second) == list(ids)
    assert list(first) != list(ids) and list(first) != list(second)


def test_inputs_and_targets_stay_together():
    ids = np.arange(64)
    for x, y in sgd.batches(ids, ids + 1000, 7, seed=0).as_numpy_iterator():
        np.testing.assert_array_equal(y, x + 1000)


@pytest.mark.parametrize("batch_size", [0, 65])
def test_batch_size_must_fit(batch_size):
    with pytest.raises(
        ValueError, match=f"batch_size 必须在 1 和样本数 64 之间，收到 {batch_size}"
    ):
        sgd.batches(np.arange(64), np.arange(64), batch_size, seed=0)


@pytest.fixture(scope="module")
def points():
    return sgd.samples(256, features=8, seed=1)


def log_loss(x, y, w, b):
    logits = x @ w + b
    return np.mean(np.logaddexp(0, logits) - y * logits)


@pytest.mark.parametrize("batch_size, updates", [(1, 512), (32, 16), (256, 2)])
def test_training_loop_equals_numpy(points, batch_size, updates):
    """同样的批次，用手写的交叉熵梯度更新；标签和预测写反，两边就对不上。"""
    x, y = (a.astype(float) for a in points)
    w, b = np.zeros((8, 1)), 0.0
    dataset = sgd.batches(x, y, batch_size, seed=0)
    for _ in range(2):
        for inputs, targets in dataset.as_numpy_iterator():
            residual = 1 / (1 + np.exp(-(inputs @ w + b))) - targets
            w -= 0.2 * inputs.T @ residual / len(inputs)
            b -= 0.2 * residual.mean()
    result = sgd.train(*points, batch_size, epochs=2, learning_rate=0.2)
    assert result == (updates, pytest.approx(log_loss(x, y, w, b), rel=1e-4))


def test_small_batches_go_further_until_noise_stops_them(points):
    slow = {b: sgd.train(*points, b, 3, learning_rate=0.03)[1] for b in (1, 32, 256)}
    fast = {b: sgd.train(*points, b, 3, learning_rate=3.0)[1] for b in (1, 32, 256)}
    assert slow[1] < slow[32] < slow[256] < np.log(2)
    assert fast[32] < slow[32] and fast[256] < slow[256]
    assert fast[1] > np.log(2)  # 比训练前还高


def test_gradient_variance_falls_as_one_over_batch(points):
    x, y = points
    each = x * (0.5 - y)  # 权重为零时，每个样本的梯度
    draws = np.random.default_rng(0).integers(len(x), size=(4000, 32))
    assert each[draws].mean(axis=1).var(axis=0).sum() * 32 == pytest.approx(
        each.var(axis=0).sum(), rel=0.1
    )


def test_drawing_with_replacement_misses_more_than_a_third():
    draws = np.random.default_rng(0).integers(512, size=(400, 512))
    missed = np.mean([1 - len(set(epoch)) / 512 for epoch in draws])
    assert missed == pytest.approx((1 - 1 / 512) ** 512, abs=0.002)
    assert missed == pytest.approx(np.exp(-1), abs=0.002)


def test_sgd_and_momentum_follow_their_formulas():
    np.testing.assert_allclose(adam.keras_steps(keras.SGD(0.1), varying), 0.1 * varying, atol=2e-6)
    steps = adam.keras_steps(keras.SGD(0.1, momentum=0.9), varying)
    kept = [0.1 * sum(0.9 ** (t - i) * varying[i] for i in range(t + 1)) for t in range(60)]
    np.testing.assert_allclose(steps, kept, atol=1e-5)
    constant = adam.keras_steps(keras.SGD(0.1, momentum=0.9), [3.0] * 150)
    assert constant[-1] == pytest.approx(0.1 * 3 / (1 - 0.9), rel=1e-4)


# Adam


def adam_by_sums(gradients, learning_rate, beta_1=0.9, beta_2=0.999):
    """不用递推，直接写出加权和。"""
    steps = []
    for t in range(1, len(gradients) + 1):
        past = gradients[:t]
        age = np.arange(t)[::-1]
        m = np.sum(beta_1**age * past) / np.sum(beta_1**age)
        v = np.sum(beta_2**age * past**2) / np.sum(beta_2**age)
        steps.append(learning_rate * m / (np.sqrt(v) + 1e-7))
    return steps


def test_adam_formula_equals_weighted_sums():
    np.testing.assert_allclose(adam.adam_steps(varying, 0.1), adam_by_sums(varying, 0.1), rtol=1e-9)


@pytest.mark.parametrize("optimizer", [keras.Adam, tf.optimizers.Adam])
def test_keras_adam_follows_the_formula(optimizer):
    steps = adam.keras_steps(optimizer(0.1), varying)
    np.testing.assert_allclose(steps, adam_by_sums(varying, 0.1), atol=2e-6)


def test_second_moment_is_not_the_variance():
    """恒定梯度的方差是零，Keras 里的 v 却是梯度的平方，步长不变。"""
    optimizer = keras.Adam(0.1)
    steps = adam.keras_steps(optimizer, [3.0] * 50)
    np.testing.assert_allclose(steps, 0.1, rtol=1e-4)
    velocity = next(float(v) for v in optimizer.variables if "velocity" in v.path)
    assert velocity / (1 - 0.999**50) == pytest.approx(9.0, rel=1e-4)
    np.testing.assert_allclose(adam.adam_steps([3.0] * 50, 0.1), 0.1, rtol=1e-6)


def test_without_bias_correction_the_first_steps_are_too_large():
    steps = adam.adam_steps([3.0] * 100, 0.1, bias_correction=False)
    assert steps[0] == pytest.approx(0.1 * 0.1 / np.sqrt(0.001), rel=1e-5)
    assert min(steps) > 0.1 and steps[9] > 5 * 0.1


def test_only_sgd_depends_on_the_scale_of_the_loss():
    scaled = 1000 * varying
    np.testing.assert_allclose(
        adam.adam_steps(scaled, 0.1), adam.adam_steps(varying, 0.1), rtol=1e-4
    )
    np.testing.assert_allclose(
        adagrad.adagrad_steps(scaled, 0.1, initial=0),
        adagrad.adagrad_steps(varying, 0.1, initial=0),
        rtol=1e-4,
    )
    np.testing.assert_allclose(
        adam.keras_steps(keras.Adam(0.1), scaled),
        adam.keras_steps(keras.Adam(0.1), varying),
        atol=1e-5,
    )
    grown = adam.keras_steps(keras.SGD(0.1), scaled)
    np.testing.assert_allclose(grown, 100 * varying, rtol=1e-3, atol=1e-3)


def test_keras_adds_epsilon_before_the_correction():
    tiny = [1e-7]
    step = adam.keras_steps(keras.Adam(0.1), tiny)[0]
    hat = 0.1 * np.sqrt(0.001) / 0.1 * (0.1 * 1e-7) / (np.sqrt(0.001) * 1e-7 + 1e-7)
    assert step == pytest.approx(hat, rel=1e-4)
    assert step < adam.adam_steps(tiny, 0.1)[0] / 10


def test_adamw_decay_is_not_divided_by_the_second_moment():
    """梯度为零时 AdamW 仍按 η·λ·w 收缩；把 λ·w 当梯度交给 Adam，收缩量与 λ 无关。"""
    weight = tf.Variable([1.0, 100.0])
    keras.AdamW(0.1, weight_decay=0.01).apply_gradients([(tf.zeros(2), weight)])
    np.testing.assert_allclose(weight.numpy(), [1 - 0.001, 100 - 0.1], rtol=1e-6)
    weight = tf.Variable([1.0, 100.0])
    keras.Adam(0.1).apply_gradients([(0.01 * weight, weight)])
    np.testing.assert_allclose(weight.numpy(), [0.9, 99.9], rtol=1e-4)


# AdaGrad


def test_adagrad_keeps_a_running_sum():
    optimizer = keras.Adagrad(0.1)
    steps = adam.keras_steps(optimizer, varying)
    sums = [0.1 + sum(g**2 for g in varying[: t + 1]) for t in range(len(varying))]
    np.testing.assert_allclose(steps, 0.1 * varying / np.sqrt(sums), atol=1e-6)
    np.testing.assert_allclose(adagrad.adagrad_steps(varying, 0.1), steps, atol=1e-6)
    accumulator = next(float(v) for v in optimizer.variables if "accumulator" in v.path)
    assert accumulator == pytest.approx(sums[-1], rel=1e-5)


def test_adagrad_step_shrinks_as_one_over_root_t():
    steps = adagrad.keras_steps(keras.Adagrad(0.1), [1.0] * 400)
    for t, published in (1, 0.0953), (10, 0.0315), (100, 0.0100):
        assert steps[t - 1] == pytest.approx(published, abs=5e-5)
    assert (np.diff(steps) < 0).all()
    assert steps[99] / steps[399] == pytest.approx(np.sqrt(400 / 100), rel=1e-2)


def test_a_rare_feature_keeps_its_large_step():
    common = adagrad.adagrad_steps([1.0] * 100, 0.1)
    rare = adagrad.adagrad_steps([0.0] * 99 + [1.0], 0.1)
    assert rare[-1] == common[0] > common[-1]


def test_rmsprop_averages_so_its_step_settles():
    steps = adagrad.keras_steps(keras.RMSprop(0.1), varying)
    np.testing.assert_allclose(adagrad.rmsprop_steps(varying, 0.1), steps, atol=2e-6)
    weights = [0.1 * 0.9**age for age in range(60)]
    average = sum(k * g**2 for k, g in zip(weights, varying[::-1]))
    assert steps[-1] == pytest.approx(0.1 * varying[-1] / np.sqrt(average), abs=2e-6)
    assert adagrad.rmsprop_steps([1.0] * 100, 0.1)[-1] == pytest.approx(0.1, rel=1e-4)


def test_the_class_is_called_adagrad():
    with pytest.raises(AttributeError):
        _ = tf.optimizers.AdaGrad
    assert tf.optimizers.Adagrad is keras.Adagrad


# 比较


def test_words_follow_zipf():
    x, y, weights = compare.corpus(20_000, 50, noise=0.0, seed=1)
    np.testing.assert_allclose(x.mean(axis=0) * np.arange(1, 51), 0.5, rtol=0.25)
    np.testing.assert_allclose(y, x @ weights, atol=1e-5)


def test_one_pass_equals_numpy():
    x, y, _ = compare.corpus(320, 20, noise=0.1, seed=1)
    w = np.zeros(20)
    for start in range(0, 320, 32):
        inputs, targets = x[start : start + 32], y[start : start + 32]
        w -= 0.3 * 2 * inputs.T @ (inputs @ w - targets) / 32
    np.testing.assert_allclose(compare.train_once(keras.SGD(0.3), x, y, 32), w, atol=1e-5)


@pytest.fixture(scope="module")
def tuned():
    x, y, weights = compare.corpus(4096, 200, noise=0.1, seed=3)
    turned = x @ np.linalg.qr(np.random.default_rng(9).normal(size=(200, 200)))[0]
    rates = {"SGD": (0.3, 1.0, 3.0), "Adam": (0.03, 0.1, 0.3), "Adagrad": (0.3, 1.0, 3.0)}
    return {
        (name, aligned): compare.tune(
            getattr(keras, name), data.astype("float32"), y, 32, rates[name]
        )
        for name in rates
        for aligned, data in ((True, x), (False, turned))
    } | {"weights": weights}


def test_best_rate_is_inside_the_search(tuned):
    best = {name: tuned[name, True][0] for name in ("SGD", "Adam", "Adagrad")}
    assert best == {"SGD": 1.0, "Adam": 0.1, "Adagrad": 1.0}  # 两端都试过，更差


def test_diverging_rates_are_not_chosen():
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=3)
    assert not np.isfinite(compare.train_once(keras.SGD(3.0), x, y, 32)).all()
    best, loss, w = compare.tune(keras.SGD, x, y, 32, rates=(3.0, 1.0))
    assert best == 1.0 and np.isfinite(loss) and np.isfinite(w).all()
    assert loss == pytest.approx(np.mean((x @ w - y) ** 2))


def test_adaptive_methods_win_on_rare_words(tuned):
    def rare(name):
        return np.mean((tuned[name, True][2] - tuned["weights"])[100:] ** 2)

    for name in "Adam", "Adagrad":
        assert tuned[name, True][1] < tuned["SGD", True][1] / 3
        assert rare(name) < rare("SGD") / 4


def test_turning_the_axes_hurts_only_adaptive_methods(tuned):
    loss = {key: value[1] for key, value in tuned.items() if key != "weights"}
    assert loss["SGD", False] == pytest.approx(loss["SGD", True], rel=1e-3)
    for name in "Adam", "Adagrad":
        assert loss[name, False] > 1.2 * loss[name, True]


# 显存和图


@pytest.mark.parametrize(
    "name, options, published",
    [
        ("SGD", {}, 0),
        ("SGD", {"momentum": 0.9}, 4),
        ("Lion", {}, 4),
        ("Adagrad", {}, 4),
        ("Adam", {}, 8),
        ("AdamW", {}, 8),
    ],
)
def test_state_bytes_match_the_published_table(name, options, published):
    optimizer = getattr(keras, name)(**options)
    assert state_bytes.state_bytes_per_parameter(optimizer, 30, 70) == published


def test_mixed_precision_adam_adds_up_to_sixteen():
    moments = state_bytes.state_bytes_per_parameter(keras.AdamW(), 64, 64)
    parameter, gradient, master = 2, 2, 4
    assert master + moments == 12  # ZeRO §3.1 的 K
    assert parameter + gradient + master + moments == 16


def test_figure_draws_the_formulas():
    t = np.arange(1, 201)
    curves = step_size.step_sizes(gradient=3.0, learning_rate=0.1, t=t)
    gradients = np.full(200, 3.0)
    expected = {
        "SGD": 0.1 * gradients,
        "Adam": adam_by_sums(gradients, 0.1),
        "Adam，不做偏差修正": adam.adam_steps(gradients, 0.1, bias_correction=False),
        "AdaGrad": 0.1 * gradients / np.sqrt(np.cumsum(gradients**2)),
    }
    for name, steps in expected.items():
        np.testing.assert_allclose(curves[name], steps, rtol=1e-5)
