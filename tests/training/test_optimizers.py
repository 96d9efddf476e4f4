import math
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from business.training_cost.smallest_cluster import smallest_cluster
from training.optimizers import (
    adagrad,
    adam,
    compare,
    convergence,
    matches_keras,
    rules,
    schedule,
    sgd,
    state_bytes,
    step_size,
    too_large,
    weight_decay,
)

keras = tf.keras.optimizers
keras_steps, steps = matches_keras.keras_steps, step_size.steps
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


# 更新规则


def test_momentum_is_a_decaying_sum_that_grows_tenfold():
    taken = keras_steps(keras.SGD(0.1, momentum=0.9), varying)
    kept = [0.1 * sum(0.9 ** (t - i) * varying[i] for i in range(t + 1)) for t in range(60)]
    np.testing.assert_allclose(taken, kept, atol=1e-5)
    np.testing.assert_allclose(steps(rules.momentum, varying, 0.1), kept, atol=1e-12)
    constant = keras_steps(keras.SGD(0.1, momentum=0.9), [3.0] * 150)
    assert constant[-1] == pytest.approx(0.1 * 3 / (1 - 0.9), rel=1e-4)


def test_keras_momentum_keeps_the_rate_of_the_day():
    """Keras 攒的是乘过学习率的步子；学习率变了，与先攒梯度再乘学习率不同。"""
    rates, weight, optimizer = [0.1, 0.01], tf.Variable(0.0), keras.SGD(0.1, momentum=0.9)
    for rate in rates:
        optimizer.learning_rate = rate
        optimizer.apply_gradients([(tf.constant(1.0), weight)])
    assert float(weight) == pytest.approx(-(0.1 + 0.9 * 0.1 + 0.01), rel=1e-5)
    path = rules.descend(rules.momentum, lambda w, t: 1.0, 0.0, rates)
    assert path[-1] == pytest.approx(-(0.1 + 1.9 * 0.01))


def test_sgd_steps_in_proportion_to_the_gradient():
    np.testing.assert_allclose(keras_steps(keras.SGD(0.1), varying), 0.1 * varying, atol=2e-6)
    np.testing.assert_allclose(steps(rules.sgd, varying, 0.1), 0.1 * varying, atol=1e-12)


exact = {
    "beta_1": 0.875,
    "beta_2": 0.96875,
    "epsilon": 0.0,
}  # 二进制里没有舍入；ε 的位置两边不同，取零


@pytest.mark.parametrize(
    "optimizer, direction, options",
    [
        (lambda: keras.SGD(0.125), rules.sgd, {}),
        (lambda: keras.SGD(0.125, momentum=0.75), partial(rules.momentum, mu=0.75), {}),
        (
            lambda: keras.Adagrad(0.125, initial_accumulator_value=0.125, epsilon=2**-20),
            partial(rules.adagrad, initial=0.125, epsilon=2**-20),
            {},
        ),
        (
            lambda: keras.RMSprop(0.125, rho=0.875, epsilon=2**-20),
            partial(rules.rmsprop, rho=0.875, epsilon=2**-20),
            {},
        ),
        (lambda: keras.Adam(0.125, **exact), partial(rules.adam, **exact), {}),
        (
            lambda: keras.AdamW(0.125, weight_decay=0.0625, **exact),
            partial(rules.adam, **exact),
            {"decay": 0.0625},
        ),
        (  # Keras 的 Adam 也有 weight_decay，同样不除
            lambda: keras.Adam(0.125, weight_decay=0.0625, **exact),
            partial(rules.adam, **exact),
            {"decay": 0.0625},
        ),
    ],
    ids=["SGD", "momentum", "Adagrad", "RMSprop", "Adam", "AdamW", "Adam weight_decay"],
)
def test_every_keras_step_equals_its_formula_in_double_precision(optimizer, direction, options):
    path = matches_keras.keras_path(optimizer(), varying, 1.0, "float64")
    formula = rules.descend(direction, lambda w, t: varying[t - 1], 1.0, [0.125] * 60, **options)
    np.testing.assert_allclose(path, formula, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", rules.optimizers)
def test_default_settings_match_in_single_precision(name):
    assert matches_keras.largest_gap(name, varying, 0.1) < 2e-5
    assert type(matches_keras.keras_optimizer(name, 0.1)).__name__.lower() == {"动量": "sgd"}.get(
        name, name.lower()
    )


def test_a_wrong_setting_shows_up_as_a_gap(monkeypatch):
    """差距取的是最大，不是起点：Keras 换成别的动量，差距就不再接近零。"""
    monkeypatch.setattr(matches_keras, "keras_optimizer", lambda _, rate: keras.SGD(rate, 0.8))
    assert matches_keras.largest_gap("动量", varying, 0.1) > 0.05


def test_the_path_starts_where_told_and_keeps_every_position():
    path = rules.descend(rules.sgd, lambda w, t: 2 * w, [1.0, -3.0], [0.5, 0.25])
    np.testing.assert_array_equal(path, [[1, -3], [0, 0], [0, 0]])


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
    np.testing.assert_allclose(
        steps(rules.adam, varying, 0.1), adam_by_sums(varying, 0.1), rtol=1e-9
    )


@pytest.mark.parametrize("optimizer", [keras.Adam, tf.optimizers.Adam])
def test_keras_adam_follows_the_formula(optimizer):
    taken = adam.keras_steps(optimizer(0.1), varying)
    np.testing.assert_allclose(taken, adam_by_sums(varying, 0.1), atol=2e-6)


def test_second_moment_is_not_the_variance():
    """恒定梯度的方差是零，Keras 里的 v 却是梯度的平方，步长不变。"""
    optimizer = keras.Adam(0.1)
    np.testing.assert_allclose(keras_steps(optimizer, [3.0] * 50), 0.1, rtol=1e-4)
    velocity = next(float(v) for v in optimizer.variables if "velocity" in v.path)
    assert velocity / (1 - 0.999**50) == pytest.approx(9.0, rel=1e-4)
    np.testing.assert_allclose(adam.steps(rules.adam, [3.0] * 50, 0.1), 0.1, rtol=1e-6)


uncorrected = partial(rules.adam, correct=False)


def test_without_bias_correction_the_first_steps_are_too_large():
    taken = steps(uncorrected, [3.0] * 100, 0.1)
    assert taken[0] == pytest.approx(0.1 * 0.1 / np.sqrt(0.001), rel=1e-5)
    assert min(taken) > 0.1 and taken[9] > 5 * 0.1


def test_only_sgd_depends_on_the_scale_of_the_loss():
    scaled = 1000 * varying
    for direction in rules.adam, partial(rules.adagrad, initial=0), rules.rmsprop:
        np.testing.assert_allclose(
            steps(direction, scaled, 0.1), steps(direction, varying, 0.1), rtol=1e-4
        )
    np.testing.assert_allclose(
        keras_steps(keras.Adam(0.1), scaled), keras_steps(keras.Adam(0.1), varying), atol=1e-5
    )
    np.testing.assert_allclose(
        keras_steps(keras.SGD(0.1), scaled), 100 * varying, rtol=1e-3, atol=1e-3
    )
    np.testing.assert_allclose(steps(rules.momentum, scaled, 1), 1000 * steps(rules.momentum, varying, 1))  # fmt: skip


def test_keras_adds_epsilon_before_the_correction():
    tiny = [1e-7]
    step = keras_steps(keras.Adam(0.1), tiny)[0]
    hat = 0.1 * np.sqrt(0.001) / 0.1 * (0.1 * 1e-7) / (np.sqrt(0.001) * 1e-7 + 1e-7)
    assert step == pytest.approx(hat, rel=1e-4)
    assert step < steps(rules.adam, tiny, 0.1)[0] / 10


# 权重衰减


def test_adamw_decay_is_not_divided_by_the_second_moment():
    """梯度为零时 AdamW 仍按 η·λ·w 收缩；把 λ·w 当梯度交给 Adam，收缩量与 λ 无关。"""
    weight = tf.Variable([1.0, 100.0])
    keras.AdamW(0.1, weight_decay=0.01).apply_gradients([(tf.zeros(2), weight)])
    np.testing.assert_allclose(weight.numpy(), [1 - 0.001, 100 - 0.1], rtol=1e-6)
    weight = tf.Variable([1.0, 100.0])
    keras.Adam(0.1).apply_gradients([(0.01 * weight, weight)])
    np.testing.assert_allclose(weight.numpy(), [0.9, 99.9], rtol=1e-4)


def test_coupled_decay_spares_weights_with_large_gradients():
    noise, plan = np.array([100.0, 1.0, 0.01]), {"rate": 0.01, "steps": 1000}
    should = 0.999**1000
    decoupled = weight_decay.left(rules.adam, noise, **plan, decay=0.1)
    coupled = weight_decay.left(rules.adam, noise, **plan, l2=0.1)
    np.testing.assert_allclose(decoupled, should, atol=0.01)  # 三个权重同一比例
    assert np.ptp(decoupled) < 1e-4
    assert coupled[0] > 0.95 and coupled[1] == pytest.approx(should, abs=0.02)
    assert abs(coupled[2]) < 0.01
    for options in {"decay": 0.2}, {"l2": 0.2}:  # λ 加倍：前者照办，后者对大梯度几乎无效
        doubled = weight_decay.left(rules.adam, noise, **plan, **options)
        if "decay" in options:
            np.testing.assert_allclose(doubled, 0.998**1000, atol=0.01)
        else:
            assert coupled[0] - doubled[0] < 0.02


def test_keras_adam_fed_with_l2_behaves_like_the_formula():
    weight = tf.Variable([1.0, 1.0], dtype="float64")
    optimizer, noise = keras.Adam(0.01), np.array([100.0, 0.01])
    for t in range(1, 201):
        g = noise * (-1) ** (t + 1) + 0.1 * weight.numpy()
        optimizer.apply_gradients([(tf.constant(g), weight)])
    left = weight_decay.left(rules.adam, noise, rate=0.01, steps=200, l2=0.1)
    np.testing.assert_allclose(weight.numpy(), left, atol=1e-4)
    assert left[0] > 0.95 and left[1] < 0.1


@given(st.floats(0.001, 0.5), st.floats(0.0, 1.0))
def test_for_sgd_both_decays_are_the_same(rate, strength):
    def path(**options):
        return rules.descend(rules.sgd, lambda w, t: varying[t - 1], 1.0, [rate] * 60, **options)

    np.testing.assert_allclose(path(l2=strength), path(decay=strength), rtol=1e-12, atol=1e-12)


# AdaGrad


def test_adagrad_keeps_a_running_sum():
    optimizer = keras.Adagrad(0.1)
    taken = adagrad.keras_steps(optimizer, varying)
    sums = [0.1 + sum(g**2 for g in varying[: t + 1]) for t in range(len(varying))]
    np.testing.assert_allclose(taken, 0.1 * varying / np.sqrt(sums), atol=1e-6)
    np.testing.assert_allclose(adagrad.steps(rules.adagrad, varying, 0.1), taken, atol=1e-6)
    accumulator = next(float(v) for v in optimizer.variables if "accumulator" in v.path)
    assert accumulator == pytest.approx(sums[-1], rel=1e-5)


def test_adagrad_step_shrinks_as_one_over_root_t():
    taken = keras_steps(keras.Adagrad(0.1), [1.0] * 400)
    for t, published in (1, 0.0953), (10, 0.0315), (100, 0.0100):
        assert taken[t - 1] == pytest.approx(published, abs=5e-5)
    assert (np.diff(taken) < 0).all()
    assert taken[99] / taken[399] == pytest.approx(np.sqrt(400 / 100), rel=1e-2)


def test_a_steep_start_leaves_adagrad_stranded():
    """十步陡坡之后，AdaGrad 在缓坡上走的还不到 RMSProp 的百分之一。"""
    steep = [100.0] * 10 + [1.0] * 200
    stranded, recovered = (steps(rule, steep, 0.1) for rule in (rules.adagrad, rules.rmsprop))
    assert stranded[10:].sum() < recovered[10:].sum() / 100
    assert stranded[-1] == pytest.approx(0.1 / np.sqrt(0.1 + 10 * 100**2 + 200), rel=1e-6)
    assert recovered[-1] == pytest.approx(0.1, rel=1e-4)
    fresh = steps(rules.adagrad, [1.0] * 200, 0.1)  # 没有那段陡坡，它走得动
    assert fresh.sum() > 20 * stranded[10:].sum()


def test_a_rare_feature_keeps_its_large_step():
    common = steps(rules.adagrad, [1.0] * 100, 0.1)
    rare = steps(rules.adagrad, [0.0] * 99 + [1.0], 0.1)
    assert rare[-1] == pytest.approx(common[0], rel=1e-12) and common[0] > common[-1]


def test_rmsprop_averages_so_its_step_settles():
    taken = keras_steps(keras.RMSprop(0.1), varying)
    np.testing.assert_allclose(steps(rules.rmsprop, varying, 0.1), taken, atol=2e-6)
    weights = [0.1 * 0.9**age for age in range(60)]
    average = sum(k * g**2 for k, g in zip(weights, varying[::-1]))
    assert taken[-1] == pytest.approx(0.1 * varying[-1] / np.sqrt(average), abs=2e-6)
    constant = steps(rules.rmsprop, [1.0] * 100, 0.1)
    assert constant[-1] == pytest.approx(0.1, rel=1e-4)
    assert constant[0] == pytest.approx(0.1 / np.sqrt(0.1), rel=1e-5)  # 没有偏差修正


def test_the_class_is_called_adagrad():
    with pytest.raises(AttributeError):
        _ = tf.optimizers.AdaGrad
    assert tf.optimizers.Adagrad is keras.Adagrad


# 比较


def test_words_follow_zipf():
    x, y, weights = compare.corpus(20_000, 50, noise=0.0, seed=1)
    np.testing.assert_allclose(x.mean(axis=0) * np.arange(1, 51), 0.5, rtol=0.25)
    np.testing.assert_allclose(y, x @ weights, atol=1e-5)


@pytest.mark.parametrize("name", rules.optimizers)
def test_one_pass_equals_keras_with_its_own_gradients(name):
    x, y, _ = compare.corpus(320, 20, noise=0.1, seed=1)
    w = tf.Variable(tf.zeros(20, "float64"))
    optimizer = matches_keras.keras_optimizer(name, 0.1)
    for start in range(0, 320, 32):
        inputs, targets = x[start : start + 32], y[start : start + 32]
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((targets - tf.linalg.matvec(inputs, w)) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, w), w)])
    path = compare.train(name, x, y, [0.1] * 10)
    assert path.shape == (11, 20) and not path[0].any()
    np.testing.assert_allclose(path[-1], w.numpy(), atol=2e-4)  # ε 的位置不同


turn = np.linalg.qr(np.random.default_rng(9).normal(size=(200, 200)))[0]


@pytest.fixture(scope="module", params=[0, 3])
def tuned(request):
    """名字 → (最好的学习率, 损失, 罕见词误差, 转过坐标系以后的损失)。"""
    x, y, weights = compare.corpus(4096, 200, noise=0.1, seed=request.param)
    results = {}
    for name in rules.optimizers:
        best, path = compare.tune(name, x, y, np.ones(128))
        rare = np.mean((path[-1] - weights)[100:] ** 2)
        _, turned = compare.tune(name, x @ turn, y, np.ones(128))
        losses = compare.loss(path[-1], x, y), compare.loss(turned[-1], x @ turn, y)
        results[name] = best, losses[0], rare, losses[1]
    return results


def test_best_rate_is_inside_the_search(tuned):
    for best, *_ in tuned.values():
        assert min(compare.candidates) < best < max(compare.candidates)
    assert tuned["SGD"][0] == 10 * tuned["Adam"][0]


def test_diverging_rates_are_not_chosen():
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=3)
    assert compare.loss(compare.train("SGD", x, y, [3.0] * 128)[-1], x, y) > 1e6
    best, path = compare.tune("SGD", x, y, np.ones(128))
    assert best == 1.0 and compare.loss(path[-1], x, y) == pytest.approx(
        np.mean((x @ path[-1] - y) ** 2)
    )
    assert compare.loss(np.full(200, np.nan), x, y) == compare.loss(np.full(200, 1e200), x, y) == np.inf  # fmt: skip


def test_plain_sgd_is_last_and_everyone_else_learns_the_rare_words(tuned):
    for name in "动量", "AdaGrad", "Adam", "AdamW":
        assert tuned[name][1] < tuned["SGD"][1] / 3
        assert tuned[name][2] < tuned["SGD"][2] / 4
    assert tuned["RMSProp"][1] < tuned["SGD"][1]
    assert min(tuned, key=lambda name: tuned[name][1]) == "AdaGrad"


def test_constant_rate_rmsprop_is_noisier_than_adam(tuned):
    for name in "动量", "AdaGrad", "Adam", "AdamW":
        assert tuned["RMSProp"][1] > tuned[name][1]


def test_early_on_rmsprop_is_ahead_of_adam_and_sgd():
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=0)
    early = {
        name: compare.loss(compare.train(name, x, y, [rate] * 20)[-1], x, y)
        for name, rate in (("RMSProp", 0.1), ("Adam", 0.1), ("SGD", 1.0), ("动量", 0.3))
    }
    assert min(early, key=early.get) == "RMSProp"


def test_momentum_wins_with_a_smaller_rate(tuned):
    assert tuned["动量"][0] < tuned["SGD"][0]


def test_weight_decay_does_not_help_to_fit(tuned):
    assert tuned["Adam"][1] < tuned["AdamW"][1] < 1.25 * tuned["Adam"][1]


def test_turning_the_axes_hurts_only_adaptive_methods(tuned):
    for name in "SGD", "动量":
        assert tuned[name][3] == pytest.approx(tuned[name][1], rel=1e-9)
    for name in "AdaGrad", "RMSProp", "Adam", "AdamW":
        assert tuned[name][3] > 1.2 * tuned[name][1]
        assert tuned[name][3] > tuned["动量"][3]  # 转过以后，动量最好


# 学习率的上限


def test_rank_at_one_rate_depends_on_the_rate():
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=0)

    def at(name, rate):
        return compare.loss(compare.train(name, x, y, [rate] * 128)[-1], x, y)

    assert at("SGD", 1.0) < at("Adam", 1.0) and at("SGD", 0.1) > at("Adam", 0.1)


def test_constant_rate_rmsprop_shakes_in_its_second_half():
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=0)
    tail = [compare.loss(w, x, y) for w in compare.tune("RMSProp", x, y, np.ones(128))[1][64:]]
    assert (np.diff(tail) > 0).mean() > 0.3 and np.median(tail) == pytest.approx(0.045, rel=0.4)


def test_adam_steps_shrink_with_the_share_of_noise():
    shake = (-1.0) ** np.arange(200)
    calm, noisy = (
        np.abs(steps(rules.adam, 3 + scale * shake, 0.1)[20:]).mean() for scale in (0.1, 10)
    )
    assert noisy < calm / 2


@pytest.fixture(scope="module")
def hessian():
    x, _, _ = compare.corpus(4096, 200, noise=0.1, seed=0)
    return 2 * x.T @ x / len(x)


def test_sgd_diverges_just_above_two_over_lambda_max(hessian):
    top = np.linalg.norm(hessian, 2)
    limit = too_large.largest_rate(hessian)
    assert limit == pytest.approx(2 / top)
    below, above = (too_large.losses(rules.sgd, hessian, k * limit, 500) for k in (0.99, 1.01))
    assert below[0] == pytest.approx(hessian.sum() / 2)  # 起点的每一维都是 1
    assert (np.diff(below) < 0).all() and below[-1] < 1e-4 * below[0]
    assert above[-1] > 1e6 * above[0]
    # 最陡的方向每步乘 |1 − ηλ|，损失乘它的平方
    assert above[-1] / above[-2] == pytest.approx((1 - 1.01 * 2) ** 2, rel=1e-6)


@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_momentum_moves_the_limit(hessian, mu):
    limit = too_large.largest_rate(hessian, mu)
    assert limit == pytest.approx((1 + mu) * too_large.largest_rate(hessian))
    rule = partial(rules.momentum, mu=mu)
    below, above = (too_large.losses(rule, hessian, k * limit, 1000) for k in (0.99, 1.01))
    assert below[-1] < 1e-4 * below[0] and above[-1] > 1e6 * above[0]


def test_keras_sgd_diverges_at_the_same_place():
    for share, diverges in (0.99, False), (1.01, True):
        weight = tf.Variable([1.0, 1.0], dtype="float64")
        optimizer, curvature = keras.SGD(share * 2 / 5.0), np.array([5.0, 0.1])
        for _ in range(300):
            optimizer.apply_gradients([(tf.constant(curvature * weight.numpy()), weight)])
        assert (abs(weight.numpy()[0]) > 1) == diverges


def test_adaptive_methods_jump_but_come_back(hessian):
    rate = 10 * too_large.largest_rate(hessian)
    for rule in rules.adam, rules.adagrad:
        curve = too_large.losses(rule, hessian, rate, 500)
        assert max(curve) > 50 * curve[0] and curve[-1] < curve[0]


# 预热与衰减


def test_schedule_equals_keras():
    peak, final, warmup, steps_ = 8e-3, 8e-5, 20, 120
    k = keras.schedules.CosineDecay(
        0.0, steps_ - warmup, alpha=final / peak, warmup_target=peak, warmup_steps=warmup
    )
    ours = [schedule.warmup_cosine(t, steps_, warmup, peak, final) for t in range(1, steps_ + 1)]
    np.testing.assert_allclose(ours, [float(k(t)) for t in range(1, steps_ + 1)], rtol=1e-4)
    assert float(k(0)) == 0  # Keras 从第 0 步数起：第一步的学习率是零


def test_schedule_hits_llama_3s_published_points():
    plan = {"steps": 1_200_000, "warmup": 8_000, "peak": 8e-5, "final": 8e-7}
    assert (schedule.LLAMA3_TOTAL_STEPS, schedule.LLAMA3_WARMUP_STEPS) == (1_200_000, 8_000)
    assert schedule.warmup_cosine(8_000, **plan) == pytest.approx(8e-5)
    assert schedule.warmup_cosine(4_000, **plan) == pytest.approx(4e-5)
    assert schedule.warmup_cosine(1_200_000, **plan) == pytest.approx(8e-7)


@given(st.integers(2, 300), st.data())
def test_schedule_rises_then_falls(steps_, data):
    warmup = data.draw(st.integers(0, steps_ - 1))
    rates = [schedule.warmup_cosine(t, steps_, warmup, 1.0, 0.01) for t in range(1, steps_ + 1)]
    assert (np.diff(rates[:warmup]) > 0).all() and (np.diff(rates[warmup:]) < 0).all()
    assert max(rates) <= 1 and rates[-1] == pytest.approx(0.01 if warmup < steps_ else 1)


@pytest.mark.parametrize(
    "t, steps_, warmup, message",
    [
        (1, 10, 10, "warmup 必须在 0 和 steps 之间，不含 steps = 10，收到 10"),
        (1, 10, -1, "收到 -1"),
        (0, 10, 2, "t 必须在 1 和 steps = 10 之间，收到 0"),
        (11, 10, 2, "收到 11"),
    ],
)
def test_schedule_refuses_what_makes_no_sense(t, steps_, warmup, message):
    with pytest.raises(ValueError, match=message):
        schedule.warmup_cosine(t, steps_, warmup, 1.0)


def test_warm_up_lets_a_larger_rate_survive():
    flat = schedule.quartic([0.05] * 200)
    warmed = schedule.quartic([0.05 * min(1, t / 50) for t in range(1, 201)])
    assert flat == math.inf
    # 不预热时 η·w² < 2 才不越冲越远，也就是 η < 2/100；曲率上限 2/300 以内的都比预热慢
    safe = [schedule.quartic([rate] * 200) for rate in np.linspace(0.0005, 2 / 300, 40)]
    assert warmed < min(safe) / 2
    assert schedule.quartic([0.0201] * 200) == math.inf and schedule.quartic([0.0199] * 200) < 10


@pytest.mark.parametrize("seed", [0, 3])
def test_decay_helps_the_noisy_and_hurts_the_slow(seed):
    x, y, _ = compare.corpus(4096, 200, noise=0.1, seed=seed)
    cosine = [schedule.warmup_cosine(t, 128, 0, 1.0) for t in range(1, 129)]

    def ratio(name):
        shapes = cosine, np.ones(128)
        ends = [compare.loss(compare.tune(name, x, y, shape)[1][-1], x, y) for shape in shapes]
        return ends[0] / ends[1]

    assert ratio("RMSProp") < 1 / 2 and ratio("SGD") > 2


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


def test_seventy_billion_parameters_need_a_cluster_or_stage_three():
    per_device = [state_bytes.bytes_per_device(70e9, 64, stage) / 1e9 for stage in range(4)]
    optimizer = state_bytes.state_bytes_per_parameter(keras.AdamW(), 64, 64) + 4  # 主副本
    assert per_device[0] == pytest.approx(70 * (2 + 2 + optimizer))
    assert per_device[1] == pytest.approx(70 * (2 + 2 + optimizer / 64))
    assert per_device[2] == pytest.approx(70 * (2 + (2 + optimizer) / 64))
    assert per_device[3] == pytest.approx(70 * (2 + 2 + optimizer) / 64)
    assert [each < state_bytes.H100_MEMORY_GB for each in per_device] == [False] * 3 + [True]
    # 与训练成本一页同一个算式：不计激活，第三阶段至少要几张
    assert smallest_cluster(70e9, 3, 80e9, 0) == math.ceil(per_device[0] / 80) == 14
    assert smallest_cluster(70e9, 2, 80e9, 0) == math.inf  # 参数自己就有 140 GB


def test_step_size_figure_draws_the_closed_forms():
    t = np.arange(1, 201)
    expected = {
        "SGD": 0.1 * 3.0 * np.ones(200),
        "Adam": 0.1 * np.ones(200),
        "Adam，不做偏差修正": 0.1 * (1 - 0.9**t) / np.sqrt(1 - 0.999**t),
        "AdaGrad": 0.1 / np.sqrt(t + 0.1 / 9),
    }
    assert list(step_size.curves) == list(expected)
    for name, (direction, _) in step_size.curves.items():
        np.testing.assert_allclose(steps(direction, [3.0] * 200, 0.1), expected[name], rtol=1e-5)


def test_convergence_figure_names_every_optimizer_with_its_rate():
    text = "".join(ElementTree.fromstring(convergence.figure()).itertext())
    for name, rate in zip(rules.optimizers, ("1.0", "0.3", "1.0", "0.1", "0.1", "0.1")):
        assert f"{name}，{rate}" in text
