import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from training.data_skew import (
    augment_rare,
    focal_loss,
    hot_experts,
    mixture_epochs,
    normalisation_keeps_imbalance,
    packed_attention,
    padding_waste,
    pr_curve,
    rare_digit,
    salting,
    stragglers,
    temperature,
)
from training.distributed import shard_by_work

# 类别


@pytest.fixture(scope="module")
def classes():
    model = normalisation_keeps_imbalance
    train, labels = model.sample(1_900, 100, seed=3)
    test, truth = model.sample(19_000, 1_000, seed=4)
    return train, labels, test, truth


def rates(probability, truth, threshold=0.5):
    chosen, rare = probability > threshold, truth == 1
    return chosen[rare].mean(), 1 - chosen[~rare].mean(), rare[chosen].mean()


def fitted(classes, weights, shift=0.0, scale=1.0):
    train, labels, test, _ = classes
    beta = normalisation_keeps_imbalance.fit((train - shift) / scale, labels, weights)
    return normalisation_keeps_imbalance.predict(beta, (test - shift) / scale)


def test_normalisation_changes_no_prediction(classes):
    """换尺度只换系数：任何平移和缩放之后，每个预测都一样。"""
    train, labels, *_ = classes
    once = np.ones(len(labels))
    raw = fitted(classes, once)
    scaled = fitted(classes, once, train.mean(axis=0), train.std(axis=0))
    np.testing.assert_allclose(scaled, raw, rtol=1e-9)


def test_fit_is_the_optimum(classes):
    """最优点的加权残差与每一列正交，这是逻辑回归的一阶条件。"""
    train, labels, *_ = classes
    scaled = (train - train.mean(axis=0)) / train.std(axis=0)
    weights = np.where(labels == 1, 19.0, 1.0)
    beta = normalisation_keeps_imbalance.fit(scaled, labels, weights)
    residual = weights * (labels - normalisation_keeps_imbalance.predict(beta, scaled))
    assert abs(residual.sum()) < 1e-8
    np.testing.assert_allclose(scaled.T @ residual, 0, atol=1e-8)


def test_sample_has_the_stated_classes_and_scales():
    features, labels = normalisation_keeps_imbalance.sample(20_000, 1_000, seed=5)
    assert Counter(labels) == {0.0: 20_000, 1.0: 1_000}
    assert (features[labels == 1].mean(axis=0) > features[labels == 0].mean(axis=0)).all()
    spread = features[labels == 0].std(axis=0)
    assert spread[1] / spread[0] == pytest.approx(1_000, rel=0.05)


def test_weights_trade_precision_and_calibration_for_recall(classes):
    _, labels, _, truth = classes
    plain = fitted(classes, np.ones(len(labels)))
    weighted = fitted(classes, np.where(labels == 1, 19, 1))
    recall, majority, precision = rates(plain, truth)
    recall_w, majority_w, precision_w = rates(weighted, truth)
    assert recall_w > recall + 0.3
    assert majority_w < majority
    assert precision_w < precision / 2
    assert plain.mean() == pytest.approx(truth.mean(), abs=0.01)  # 不加权时是校准的
    assert weighted.mean() > 3 * truth.mean()


def test_moving_the_threshold_gives_the_same_recall_and_keeps_calibration(classes):
    """权重 w 抬高对数几率 log w，等于把阈值移到 1/(1+w)。"""
    _, labels, _, truth = classes
    plain = rates(fitted(classes, np.ones(len(labels))), truth, threshold=1 / 20)
    weighted = rates(fitted(classes, np.where(labels == 1, 19, 1)), truth)
    assert plain[0] == pytest.approx(weighted[0], abs=0.05)
    assert plain[1] == pytest.approx(weighted[1], abs=0.05)


def test_weight_equals_copies(classes):
    """权重 3 与把每个少数类样本抄三遍，系数相同。"""
    train, labels, *_ = classes
    copies = np.where(labels == 1, 3, 1)
    copied = normalisation_keeps_imbalance.fit(
        np.repeat(train, copies, axis=0), np.repeat(labels, copies), np.ones(copies.sum())
    )
    np.testing.assert_allclose(
        normalisation_keeps_imbalance.fit(train, labels, copies), copied, rtol=1e-8
    )


def test_report_counts_by_hand(capsys):
    probability = np.array([0.9, 0.2, 0.2, 0.2, 0.8, 0.1, 0.1, 0.3, 0.2])
    truth = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0])
    normalisation_keeps_imbalance.report("手算", probability, truth, 0.5)
    expected = "手算：少数类召回 25%，多数类 80%，精确率 50%，平均概率 33%\n"
    assert capsys.readouterr().out == expected


# 少数的数字


@pytest.fixture(scope="module")
def answers():
    return [list(rare_digit.remedies(seed)) for seed in range(rare_digit.splits)]


@pytest.fixture(scope="module")
def compared(answers):
    """各种做法在每个划分上的（准确率，8 的召回，非 8 的召回，PR-AUC）。"""
    found: dict[str, list] = {}
    for remedies in answers:
        for name, truth, probability, threshold in remedies:
            chosen = probability > threshold
            row = (
                (chosen == truth).mean(),
                chosen[truth == 1].mean(),
                1 - chosen[truth == 0].mean(),
                average_precision_score(truth, probability),
            )
            found.setdefault(name, []).append(row)
    order = ("nothing", "plain", "weighted", "moved", "few", "more")
    return {name: np.array(rows) for name, rows in zip(order, found.values(), strict=True)}


def test_split_holds_out_the_same_test_and_adds_only_real_eights():
    pixels, labels, test, truth = rare_digit.split(0)
    more, more_labels, same_test, same_truth = rare_digit.split(0, extra=100)
    assert Counter(labels) == Counter(truth) == {0: 800, 1: 20}
    assert Counter(more_labels) == {0: 800, 1: 120}
    np.testing.assert_array_equal(test, same_test)
    np.testing.assert_array_equal(truth, same_truth)
    np.testing.assert_array_equal(more[:820], pixels)
    assert 0 == pixels.min() < pixels.max() == 1
    seen = {row.tobytes() for row in more}
    assert not any(row.tobytes() in seen for row in test)  # 测试集没有混进训练集


def test_rare_digit_fit_is_the_optimum():
    """一阶条件：Σ w(y − p)x 等于系数（罚项是系数平方和的一半），截距不罚。"""
    pixels, labels, *_ = rare_digit.split(1)
    weights = np.where(labels, 40.0, 1.0)
    model = rare_digit.fit(pixels, labels, weights)
    residual = weights * (labels - model.predict_proba(pixels)[:, 1])
    np.testing.assert_allclose(pixels.T @ residual, model.coef_[0], atol=1e-6)
    assert abs(residual.sum()) < 1e-6


def test_oversampling_is_weighting():
    """把每个 8 抄 40 遍，与权重设为 40，系数相同。"""
    pixels, labels, *_ = rare_digit.split(2)
    copies = np.where(labels, 40, 1)
    copied = rare_digit.fit(np.repeat(pixels, copies, axis=0), np.repeat(labels, copies))
    weighted = rare_digit.fit(pixels, labels, copies)
    np.testing.assert_allclose(copied.coef_, weighted.coef_, atol=1e-6)


def test_accuracy_hides_the_rare_class(compared):
    mean = {name: rows.mean(axis=0) for name, rows in compared.items()}
    assert mean["nothing"][0] == pytest.approx(800 / 820) and mean["nothing"][1] == 0
    assert mean["nothing"][3] == pytest.approx(20 / 820)  # 随便猜的 PR-AUC 就是占比
    assert mean["more"][0] == pytest.approx(mean["plain"][0], abs=0.002)
    assert mean["more"][1] > 3 * mean["plain"][1]
    for name in ("weighted", "moved", "few"):
        assert mean[name][0] < mean["nothing"][0]  # 准确率还不如一律猜
        assert mean[name][1] > 3 * mean["plain"][1]  # 少数类却找回了许多


def test_only_new_data_lifts_the_whole_curve(compared):
    area = {name: rows[:, 3] for name, rows in compared.items()}
    np.testing.assert_array_equal(area["moved"], area["plain"])  # 移阈值不改排序
    assert area["weighted"].mean() < area["plain"].mean() - 0.02
    assert (area["few"] < area["plain"]).all()
    assert area["few"].mean() < area["weighted"].mean() - 0.05
    assert area["more"].mean() > area["plain"].mean() + 0.05
    assert (area["more"] > area["plain"]).mean() >= 0.7


def test_weighting_helps_the_ranking_only_when_the_penalty_is_too_heavy():
    """把罚项从轻到重试一遍：各取最好的，加权不如不加权；罚得学不动时反过来。"""
    area: dict[float, list] = {0.01: [], 0.3: [], 1: []}
    for seed in range(5):
        pixels, labels, test, truth = rare_digit.split(seed)
        for looseness, rows in area.items():
            row = []
            for weights in (None, np.where(labels, 40, 1)):
                model = LogisticRegression(C=looseness, solver="newton-cholesky")
                model.fit(pixels, labels, sample_weight=weights)
                row.append(average_precision_score(truth, model.decision_function(test)))
            rows.append(row)
    mean = {looseness: np.mean(rows, axis=0) for looseness, rows in area.items()}
    plain, weighted = np.max(list(mean.values()), axis=0)
    assert weighted < plain - 0.02
    assert mean[0.01][1] > mean[0.01][0] + 0.05


def test_precision_at_each_rare_averages_to_the_published_metric(answers):
    for remedies in answers:
        for _, truth, probability, _ in remedies[1:]:
            points = pr_curve.precision_at_each_rare(probability, truth)
            assert points.mean() == pytest.approx(average_precision_score(truth, probability))
    by_hand = pr_curve.precision_at_each_rare(
        np.array([0.9, 0.8, 0.7, 0.1]), np.array([1, 0, 1, 1])
    )
    np.testing.assert_allclose(by_hand, [1, 2 / 3, 3 / 4])


def test_curve_of_more_data_lies_above_and_undersampling_below(answers):
    found: dict[str, list] = {}
    for remedies in answers:
        for name, truth, probability, _ in remedies:
            found.setdefault(name, []).append(pr_curve.precision_at_each_rare(probability, truth))
    _, plain, weighted, _, few, more = (np.mean(rows, axis=0) for rows in found.values())
    assert (more >= plain).all() and (plain >= weighted).all() and (plain >= few).all()


# focal loss


def test_focal_is_the_loss_of_keras():
    """Keras 文档的例子（apply_class_balancing=False），再加一批随机数。"""
    right = np.array([[0.6, 0.4], [0.4, 0.6]])
    labels = np.array([[0, 1], [0, 0]])
    loss, _ = focal_loss.focal(np.log(right / (1 - right)), labels, 2)
    np.testing.assert_allclose(loss.mean(axis=1), [0.330, 0.206], atol=5e-4)
    import keras

    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(50, 1)), rng.integers(0, 2, size=(50, 1))
    for gamma in (0, 1, 2, 5):
        expected = keras.losses.binary_focal_crossentropy(
            labels, logits, gamma=gamma, from_logits=True
        )
        ours, _ = focal_loss.focal(logits, labels, gamma)
        np.testing.assert_allclose(ours[:, 0], np.array(expected), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("gamma", [0, 1, 2, 5])
def test_focal_slope_is_the_derivative(gamma):
    logits = np.linspace(-4, 4, 17)
    labels, step = np.arange(17) % 2, 1e-5
    up, down = (focal_loss.focal(logits + s, labels, gamma)[0] for s in (step, -step))
    slope = focal_loss.focal(logits, labels, gamma)[1]
    np.testing.assert_allclose(slope, (up - down) / (2 * step), atol=1e-8)


def test_focal_reduces_easy_samples_as_the_paper_says():
    """论文 §3.2：γ = 2 时，p_t = 0.9 的损失是交叉熵的百分之一，0.968 的约千分之一，0.5 以下至多四分之一。"""
    logit = np.log(np.array([0.9, 0.968, 0.5]) / (1 - np.array([0.9, 0.968, 0.5])))
    ratio = focal_loss.focal(logit, np.ones(3), 2)[0] / focal_loss.focal(logit, np.ones(3), 0)[0]
    np.testing.assert_allclose(ratio, [1 / 100, 1 / 1000, 1 / 4], rtol=0.03)


def test_focal_trades_calibration_for_recall_and_not_for_ranking():
    rows: dict[int, list] = {0: [], 2: []}
    for seed in range(5):
        pixels, labels, test, truth = rare_digit.split(seed)
        for gamma, found in rows.items():
            beta = focal_loss.fit(pixels, labels, gamma)
            probability = 1 / (1 + np.exp(-beta[0] - test @ beta[1:]))
            recall = (probability > 0.5)[truth == 1].mean()
            area = average_precision_score(truth, probability)
            found.append((probability.mean(), area, recall))
            if gamma == 0:  # γ = 0 就是逻辑回归
                model = rare_digit.fit(pixels, labels)
                expected = model.predict_proba(test)[:, 1]
                np.testing.assert_allclose(probability, expected, atol=1e-3)
    (plain, plain_area, plain_recall), (focused, focused_area, focused_recall) = (
        np.mean(rows[g], axis=0) for g in (0, 2)
    )
    assert plain == pytest.approx(20 / 820, abs=0.005)  # 交叉熵是校准的
    assert focused > 4 * plain
    assert focused_area < plain_area + 0.005
    assert focused_recall > plain_recall + 0.03


def test_negative_gamma_is_refused():
    with pytest.raises(ValueError, match="gamma 不能小于 0，收到 -1"):
        focal_loss.focal(np.zeros(1), np.zeros(1), -1)


# 造样本


def test_shifting_moves_the_picture_by_one_in_four_directions():
    picture = np.arange(1.0, 65.0).reshape(8, 8)
    views = augment_rare.shifted(picture.reshape(1, 64)).reshape(4, 8, 8)
    down, up, right, left = views
    np.testing.assert_array_equal(down[1:], picture[:-1])
    np.testing.assert_array_equal(up[:-1], picture[1:])
    np.testing.assert_array_equal(right[:, 1:], picture[:, :-1])
    np.testing.assert_array_equal(left[:, :-1], picture[:, 1:])
    assert not (down[0].any() or up[-1].any() or right[:, 0].any() or left[:, -1].any())


def test_augmented_keeps_the_labels_of_the_copies():
    pixels, labels, *_ = rare_digit.split(0)
    bigger, bigger_labels = augment_rare.augmented(pixels, labels, labels == 1)
    assert Counter(bigger_labels) == {0: 800, 1: 100} and len(bigger) == 900
    everyone = np.ones(len(labels), bool)
    bigger, bigger_labels = augment_rare.augmented(pixels, labels, everyone)
    assert Counter(bigger_labels) == {0: 4_000, 1: 100} and len(bigger) == 4_100


def test_weights_make_small_batches_noisier_than_resampling():
    pixels, labels, *_ = rare_digit.split(0)
    weight = np.where(labels, 40, 1)
    gradients = pixels * (0.5 - labels)[:, None]
    rng = np.random.default_rng(0)

    def noise(values, probability):
        means = values[rng.choice(len(labels), (2000, 16), p=probability)].mean(axis=1)
        return means.var(axis=0).sum() / (means.mean(axis=0) ** 2).sum()

    weighted = noise(gradients * weight[:, None], None)
    assert weighted > 2 * noise(gradients, weight / weight.sum())


def test_roc_does_not_move_with_the_share_of_the_majority_but_precision_does():
    truth = np.repeat([0, 1], [800, 20])
    score = np.random.default_rng(0).normal(truth * 2.0)
    more = np.repeat(np.arange(820), np.where(truth, 1, 10))  # 多数类抄十遍
    assert roc_auc_score(truth[more], score[more]) == pytest.approx(roc_auc_score(truth, score))
    before = average_precision_score(truth, score)
    assert average_precision_score(truth[more], score[more]) < before - 0.1


def test_uneven_lengths_waste_more():
    def wasted(spread):
        lengths = [int(random.Random(i).lognormvariate(5.5, spread)) + 1 for i in range(1024)]
        groups = padding_waste.batches(lengths, 16)
        return padding_waste.waste(groups, sum(len(g) * max(g) for g in groups))

    assert wasted(0.3) < wasted(0.6) < wasted(1.2)


@pytest.fixture(scope="module")
def moved():
    """两个模型、四种训练集：（PR-AUC，移了一格的非 8 被当成 8 的比例）。"""
    found: dict[str, list] = {}
    for seed in range(5):
        pixels, labels, test, truth = rare_digit.split(seed)
        away = augment_rare.shifted(test[truth == 0])
        for name, fit in (("line", rare_digit.fit), ("kernel", augment_rare.kernel_machine)):
            if name == "line" and seed > 2:  # 差得很远，三次就够
                continue
            for way, data in (
                ("none", (pixels, labels)),
                ("rare", augment_rare.augmented(pixels, labels, labels == 1)),
                ("all", augment_rare.augmented(pixels, labels, labels >= 0)),
            ):
                model = fit(*data)
                area = average_precision_score(truth, model.decision_function(test))
                fooled = (model.decision_function(away) > 0).mean()
                found.setdefault(f"{name} {way}", []).append((area, fooled))
    return {name: np.mean(rows, axis=0) for name, rows in found.items()}


def test_augmenting_only_the_rare_class_teaches_the_trace(moved):
    for model in ("line", "kernel"):
        assert moved[f"{model} none"][1] < 0.01 > moved[f"{model} all"][1]
        assert moved[f"{model} rare"][1] > 0.2


def test_augmentation_needs_a_model_that_can_use_it(moved):
    assert moved["line rare"][0] < moved["line none"][0] / 2
    assert moved["line all"][0] < moved["line none"][0] / 2
    assert moved["kernel none"][0] < moved["kernel rare"][0] < moved["kernel all"][0]


# 领域


def geometric(unique, repeats):
    """论文的等式 10：每次重复保留 1 − δ，R* = (1 − δ)/δ。"""
    decay = 1 / (1 + mixture_epochs.REPEAT_VALUE_DECAY)
    return unique * sum((1 - decay) ** k for k in range(repeats + 1))


@pytest.mark.parametrize("epochs", [1, 2, 4, 8, 16])
def test_repeats_are_worth_about_the_geometric_series(epochs):
    """等式 5 是等式 10 的近似。"""
    worth = mixture_epochs.effective_tokens(7.0, epochs)
    assert worth == pytest.approx(geometric(7.0, epochs - 1), rel=0.04)


def test_four_epochs_are_nearly_free_and_forty_are_not():
    """论文：四遍以内可以忽略，四十遍以后重复没有价值。"""
    assert mixture_epochs.effective_tokens(1, 4) / 4 > 0.9
    forty = mixture_epochs.effective_tokens(1, 40)
    fortieth = forty - mixture_epochs.effective_tokens(1, 39)
    assert fortieth < 0.1
    assert forty < mixture_epochs.effective_tokens(1, 10_000) < 1 + 15.4


def test_less_than_one_epoch_has_no_repeats():
    assert mixture_epochs.effective_tokens(10, 0.78) == pytest.approx(7.8)
    assert mixture_epochs.effective_tokens(10, 1) == 10
    assert mixture_epochs.effective_tokens(10, 0) == 0
    assert 10 < mixture_epochs.effective_tokens(10, 1.5) < 15  # 过了一遍就开始打折


def test_mix_of_llama_sums_to_one():
    assert sum(mixture_epochs.LLAMA3_MIX_PERCENT) == 100


@pytest.mark.parametrize(("unique", "epochs"), [(0, 1), (-1, 1), (1, -0.1)])
def test_impossible_corpora_are_refused(unique, epochs):
    with pytest.raises(ValueError, match="unique 要大于 0，epochs 不能小于 0"):
        mixture_epochs.effective_tokens(unique, epochs)


sizes = st.lists(st.floats(0.01, 100), min_size=2, max_size=6).map(tuple)


@given(sizes, st.floats(1, 20))
def test_temperature_is_the_power_law_and_only_flattens(unique, degree):
    """p_i / p_j = (n_i / n_j)^(1/T)；大的仍大，但差距缩小。"""
    mix = temperature.shares(unique, degree)
    assert sum(mix) == pytest.approx(1)
    natural = temperature.shares(unique, 1)
    for i, j in itertools.permutations(range(len(unique)), 2):
        ratio = (unique[i] / unique[j]) ** (1 / degree)
        assert mix[i] / mix[j] == pytest.approx(ratio)
    assert min(mix) >= min(natural) - 1e-12 and max(mix) <= max(natural) + 1e-12


def test_temperature_has_its_two_ends():
    assert temperature.shares((3, 1), 1) == pytest.approx([0.75, 0.25])
    assert temperature.shares((3, 1), math.inf) == pytest.approx([0.5, 0.5])
    with pytest.raises(ValueError, match="temperature 不能小于 1，收到 0.5"):
        temperature.shares((3, 1), 0.5)


def test_capped_reproduces_the_published_example():
    """PyPI 上 unimax-sampling 的说明：五种语言，预算 2,500 亿字符，至多 4 遍。"""
    characters = (179955884499, 184595788282, 42541080893, 10027573389, 549707867)
    expected = [0.276921166635, 0.276921166635, 0.276921166635, 0.160441174224, 0.008795325872]
    assert temperature.capped(characters, 250e9, 4) == pytest.approx(expected)


@given(sizes, st.floats(0.1, 1), st.floats(1, 8))
def test_capped_spends_the_budget_and_never_passes_the_cap(unique, part, most):
    budget = part * most * sum(unique)
    mix = temperature.capped(unique, budget, most)
    assert sum(mix) == pytest.approx(1)
    assert all(budget * p <= most * n * (1 + 1e-9) for n, p in zip(unique, mix))


def test_more_repeats_are_worth_less():
    unique, budget = mixture_epochs.unique_trillion, mixture_epochs.LLAMA3_TOKENS_TRILLION
    worth = [
        temperature.worth(unique, temperature.shares(unique, degree), budget)
        for degree in (1, 2, 3, math.inf)
    ]
    assert worth == sorted(worth, reverse=True) and worth[-1] < worth[0] - 0.1
    assert temperature.worth(unique, temperature.capped(unique, budget, 4), budget) > worth[2]
    assert temperature.worth((10, 10), [0.5, 0.5], 20) == pytest.approx(1)  # 没有重复就不打折


def test_tensorflow_goes_on_without_an_exhausted_source():
    """表后的提醒：默认跳过用完的来源，最后一段全是另一个；设了 stop_on_empty_dataset 就停。"""
    import tensorflow as tf

    short, long = tf.data.Dataset.range(3), tf.data.Dataset.range(100, 200)
    mix = tf.data.Dataset.sample_from_datasets
    drawn = list(mix([short, long], [0.5, 0.5], seed=0).as_numpy_iterator())
    assert len(drawn) == 103 and min(drawn[-50:]) >= 100
    stopped = mix([short, long], [0.5, 0.5], seed=0, stop_on_empty_dataset=True)
    assert len(list(stopped.as_numpy_iterator())) < 50


def test_budget_beyond_the_cap_is_refused():
    with pytest.raises(ValueError, match="budget 50 超过全部语料过 4 遍的 token 数"):
        temperature.capped((10, 1), 50, 4)


# 长度


@pytest.fixture
def lengths():
    rng = random.Random(7)
    return [min(2_048, int(rng.lognormvariate(5.5, 1)) + 1) for _ in range(1_024)]


def test_every_sample_is_kept(lengths):
    for groups in (
        padding_waste.batches(lengths, 16),
        padding_waste.bucketed(lengths, 16, window=256),
        padding_waste.packed(lengths, 2_048),
    ):
        assert Counter(n for group in groups for n in group) == Counter(lengths)


def test_buckets_stay_inside_their_window(lengths):
    """窗口之间不混，整体仍是随机次序。"""
    groups = padding_waste.bucketed(lengths, 16, window=256)
    assert len(groups) == 64 and {len(group) for group in groups} == {16}
    for i in range(4):
        inside = [n for group in groups[16 * i : 16 * (i + 1)] for n in group]
        assert inside == sorted(lengths[256 * i : 256 * (i + 1)])


def test_rows_never_overflow_and_are_near_the_lower_bound(lengths):
    rows = padding_waste.packed(lengths, 2_048)
    assert max(map(sum, rows)) <= 2_048
    lower = math.ceil(sum(lengths) / 2_048)
    assert lower <= len(rows) <= 11 / 9 * lower + 1  # FFD 的理论上界


def test_first_fit_decreasing_by_hand():
    assert padding_waste.packed([2, 5, 4, 7, 1, 3, 8], 10) == [[8, 2], [7, 3], [5, 4, 1]]


def test_waste_falls_from_padding_to_bucketing_to_packing(lengths):
    def padded(groups):
        return padding_waste.waste(groups, sum(len(g) * max(g) for g in groups))

    plain = padding_waste.batches(lengths, 16)
    rows = padding_waste.packed(lengths, 2_048)
    everything = padding_waste.waste(plain, len(lengths) * 2_048)
    packing = padding_waste.waste(rows, len(rows) * 2_048)
    bucketing = padded(padding_waste.bucketed(lengths, 16, window=256))
    assert packing < bucketing < padded(plain) < everything
    assert padding_waste.waste([[3, 1], [4]], 12) == pytest.approx(1 / 3)


def test_wider_batches_waste_more(lengths):
    def padded(size):
        groups = padding_waste.batches(lengths, size)
        return padding_waste.waste(groups, sum(len(g) * max(g) for g in groups))

    assert padded(2) < padded(8) < padded(32)


def test_too_long_a_sample_is_named():
    with pytest.raises(ValueError, match="最长的样本有 11 个 token，超过 capacity = 10"):
        padding_waste.packed([3, 11], 10)


def test_cutting_a_stream_cuts_documents_by_hand():
    """4 + 4 + 4 + 2，每 6 个切一刀：第二篇跨 6，第四篇跨不到 12。"""
    assert padding_waste.cut_apart([4, 4, 4, 2], 6) == 1
    assert padding_waste.cut_apart([6, 6], 6) == 0
    assert padding_waste.cut_apart([7], 6) == 1


def test_packing_cuts_nothing_and_cutting_pads_nothing(lengths):
    stream = [i for i, n in enumerate(lengths) for _ in range(n)]
    rows = [stream[i : i + 2_048] for i in range(0, len(stream), 2_048)]
    spread = Counter(document for row in rows for document in set(row))
    assert padding_waste.cut_apart(lengths, 2_048) == sum(n > 1 for n in spread.values()) > 0


def alone(tokens):
    """逐 token 算因果注意力，不用掩码。"""
    out = []
    for i in range(len(tokens)):
        scores = [math.exp(tokens[i] @ tokens[j] / 4) for j in range(i + 1)]
        out.append(sum(s * t for s, t in zip(scores, tokens)) / sum(scores))
    return np.array(out)


def test_packed_row_equals_documents_alone_only_with_the_mask_and_the_positions():
    rng, lengths = np.random.default_rng(3), [4, 6, 2]
    place = rng.normal(size=(12, 16))
    tokens = [rng.normal(size=(n, 16)) for n in lengths]
    expected = np.concatenate([alone(t + place[: len(t)]) for t in tokens])
    row = np.concatenate(tokens)
    where, mask = packed_attention.positions(lengths), packed_attention.block_causal(lengths)
    np.testing.assert_allclose(
        packed_attention.attention(row + place[where], mask), expected, atol=1e-12
    )
    for wrong_where, wrong_mask in (
        (np.arange(12), mask),
        (where, packed_attention.causal(12)),
    ):
        got = packed_attention.attention(row + place[wrong_where], wrong_mask)
        np.testing.assert_allclose(got[:4], expected[:4], atol=1e-12)  # 第一篇不受影响
        assert (np.abs(got[4:] - expected[4:]).max(axis=1) > 1e-3).all()


def test_positions_restart_and_the_mask_is_block_diagonal():
    """MaxText 文档里打包的例子：两篇长 3 和 4，位置是 0 1 2 0 1 2 3。"""
    assert packed_attention.positions([3, 4]).tolist() == [0, 1, 2, 0, 1, 2, 3]
    mask = packed_attention.block_causal([3, 4])
    assert mask.sum() == 3 * 4 // 2 + 4 * 5 // 2
    assert not mask[3:, :3].any() and not mask[:3, 3:].any()


# 负载


@pytest.fixture(scope="module")
def keys():
    rng = random.Random(2)
    keys = ["hot"] * 4_000 + [f"k{rng.randrange(500)}" for _ in range(6_000)]
    rng.shuffle(keys)
    return keys


def test_salting_flattens_and_merges_back(keys):
    """热键占 40%：不加盐时，最忙分区至少是平均的 0.4 × 16 倍。"""
    assert salting.busiest_over_mean(keys, 16) >= 0.4 * 16
    ratios = [salting.busiest_over_mean(salting.salted(keys, {"hot"}, n), 16) for n in (1, 4, 16)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] < 1.5
    for salts in (1, 4, 16, 64):
        assert salting.merge(Counter(salting.salted(keys, {"hot"}, salts))) == Counter(keys)


def test_only_the_hot_key_is_salted_and_evenly(keys):
    counts = Counter(salting.salted(keys, {"hot"}, 4))
    hot = {key: n for key, n in counts.items() if "#" in key}
    assert set(hot) == {"hot#0", "hot#1", "hot#2", "hot#3"}
    assert max(hot.values()) < 1.1 * min(hot.values())
    assert {key for key in counts if "#" not in key} == set(keys) - {"hot"}


def test_one_key_keeps_one_partition_busy_and_the_rest_idle():
    """空着的分区也算进平均。"""
    assert salting.busiest_over_mean(["a"] * 8, 4) == 4


def test_more_partitions_do_not_split_a_hot_key(keys):
    assert salting.busiest_over_mean(keys, 64) > 3 * salting.busiest_over_mean(keys, 16)
    busiest = [salting.busiest_over_mean(keys, n) * len(keys) / n for n in (16, 64)]
    assert busiest[1] >= 4_000  # 热键的全部记录仍在一个分区里
    assert busiest[1] > 0.8 * busiest[0]


def test_partition_is_the_same_in_every_process():
    """CRC-32 的标准校验值：crc32("123456789") = 0xCBF43926。"""
    assert salting.partition_of("123456789", 1_000_003) == 0xCBF43926 % 1_000_003


@pytest.mark.parametrize("salts", [0, -1])
def test_salts_must_be_positive(salts):
    with pytest.raises(ValueError, match="salts 必须是正整数"):
        salting.salted(["a"], {"a"}, salts)


def zipf(experts, seed):
    loads = [1 / (rank + 1) for rank in range(experts)]
    random.Random(seed).shuffle(loads)
    return loads


def balance(loads, slots, gpus):
    homes = hot_experts.place(loads, hot_experts.replicas(loads, slots), gpus)
    return homes, hot_experts.busiest_over_mean(homes, loads)


@pytest.mark.parametrize("seed", range(5))
def test_replicas_flatten_what_placement_cannot(seed):
    loads = zipf(64, seed)
    in_turn = [list(range(64))[g::8] for g in range(8)]
    _, placed = balance(loads, 64, 8)
    _, replicated = balance(loads, 72, 8)
    hottest = max(loads) * 8 / sum(loads)  # 不拆开最热的专家，谁也低不过它
    assert hot_experts.busiest_over_mean(in_turn, loads) > placed >= hottest > 1.5
    assert replicated < 1.05


@pytest.mark.parametrize("seed", range(5))
def test_yesterdays_placement_is_wrong_today(seed):
    homes, before = balance(zipf(64, seed), 72, 8)
    today = zipf(64, seed + 100)
    assert hot_experts.busiest_over_mean(homes, today) > before + 0.3
    assert balance(today, 72, 8)[1] < 1.05


def test_every_expert_has_a_home_and_every_gpu_the_same_room():
    loads = zipf(64, 0)
    counts = hot_experts.replicas(loads, 72)
    homes = hot_experts.place(loads, counts, 8)
    assert sum(counts) == 72 and min(counts) == 1
    assert {len(home) for home in homes} == {9}
    assert Counter(e for home in homes for e in home) == Counter(dict(enumerate(counts)))


def test_extra_copies_go_to_the_hottest():
    assert hot_experts.replicas([8.0, 4.0, 1.0], 6) == [3, 2, 1]


def test_busiest_over_mean_by_hand():
    """专家 0 有两份，各担一半：两张卡的负载是 3 + 2 和 3 + 4。"""
    assert hot_experts.busiest_over_mean([[0, 1], [0, 2]], [6, 2, 4]) == pytest.approx(7 / 6)


def test_impossible_placements_are_refused():
    with pytest.raises(ValueError, match="slots 至少是专家数 3，收到 2"):
        hot_experts.replicas([1, 1, 1], 2)
    with pytest.raises(ValueError, match="3 份专家不能平分给 2 张 GPU"):
        hot_experts.place([1, 1, 1], [1, 1, 1], 2)


# 慢任务、慢机器


def shortest(works, speeds):
    """把所有分法试一遍，最短的完工时间。"""
    return min(
        max(
            sum(w for w, home in zip(works, homes) if home == i) / speed
            for i, speed in enumerate(speeds)
        )
        for homes in itertools.product(range(len(speeds)), repeat=len(works))
    )


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=4), st.floats(0.2, 1))
def test_nothing_beats_the_lower_bound(works, slow):
    speeds = [1.0, slow]
    bound, best = stragglers.lower_bound(works, speeds), shortest(works, speeds)
    assert bound <= best * (1 + 1e-9)
    for queue in (works, sorted(works, reverse=True)):
        parts = stragglers.pull(queue, speeds)
        assert Counter(itertools.chain(*parts)) == Counter(works)
        assert stragglers.makespan(parts, speeds) >= best * (1 - 1e-9)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=40), st.integers(1, 6))
def test_pulling_is_within_the_bound_of_graham(works, machines):
    """机器一样快时，最后开始的任务开始之前，人人都在忙（Graham，1966）。"""
    speeds = [1.0] * machines
    mean = sum(works) / machines
    taken = stragglers.makespan(stragglers.pull(works, speeds), speeds)
    assert taken <= (mean + (1 - 1 / machines) * max(works)) * (1 + 1e-9)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=5))
def test_heavy_first_is_within_its_known_bound(works):
    """从重到轻不超过最优的 4/3 − 1/(3m) 倍（Graham，1969）。"""
    speeds = [1.0, 1.0]
    taken = stragglers.makespan(stragglers.pull(sorted(works, reverse=True), speeds), speeds)
    assert taken <= (4 / 3 - 1 / 6) * shortest(works, speeds) * (1 + 1e-9)


def test_equal_speeds_and_heavy_first_is_the_sharding_by_work():
    works = sorted(map(int, shard_by_work.document_tokens(200, seed=1)), reverse=True)
    speeds = [1.0] * 8
    ours = stragglers.makespan(stragglers.pull(works, speeds), speeds)
    theirs = max(part.sum() for part in shard_by_work.greedy(np.array(works), 8))
    assert ours == theirs


def test_pulling_by_hand():
    """两台，后一台半速：3 给前一台，2 给后一台（到 4），1 给前一台（从 3 到 4）。"""
    parts = stragglers.pull([3, 2, 1], [1.0, 0.5])
    assert parts == [[3, 1], [2]] and stragglers.makespan(parts, [1.0, 0.5]) == 4
    assert stragglers.lower_bound([3, 2, 1], [1.0, 0.5]) == 4
    assert stragglers.lower_bound([9, 1], [1.0, 0.5]) == 9  # 一个任务不能分给两台


@pytest.mark.parametrize("seed", range(5))
def test_dynamic_beats_static_when_a_machine_is_slow(seed):
    rng, speeds = random.Random(seed), [1.0] * 7 + [0.5]
    works = [rng.lognormvariate(3, 1) for _ in range(200)]
    heavy = sorted(works, reverse=True)
    bound = stragglers.lower_bound(works, speeds)
    counts, by_work, dynamic, best, worst = (
        stragglers.makespan(parts, speeds) / bound
        for parts in (
            [works[i::8] for i in range(8)],
            stragglers.pull(heavy, [1.0] * 8),
            stragglers.pull(works, speeds),
            stragglers.pull(heavy, speeds),
            stragglers.pull(heavy[::-1], speeds),
        )
    )
    assert 1 <= best < 1.02 < dynamic < 1.4 < 1.6 < min(by_work, counts)
    assert best < worst


@given(st.lists(st.floats(0.1, 500), min_size=1, max_size=20), st.floats(1, 100))
def test_pieces_are_small_and_lose_nothing(works, most):
    pieces = stragglers.in_pieces(works, most)
    assert sum(pieces) == pytest.approx(sum(works))
    assert max(pieces) <= most * (1 + 1e-12)


def test_a_task_too_heavy_has_to_be_cut():
    works, speeds = [1.0] * 75 + [25.0], [1.0] * 10
    whole = stragglers.makespan(stragglers.pull(sorted(works)[::-1], speeds), speeds)
    assert whole == 25 == stragglers.lower_bound(works, speeds)
    cut = stragglers.in_pieces(works, 1)
    assert stragglers.makespan(stragglers.pull(cut, speeds), speeds) == 10


def test_speeds_must_be_positive():
    for speeds in ([], [1.0, 0.0]):
        with pytest.raises(ValueError, match="speeds 要有至少一个数，都大于 0"):
            stragglers.pull([1.0], speeds)


def test_blog_remedy_leaves_the_skew(classes):
    """原博客先开的药方是归一化：少数类召回一个样本也不多。"""
    train, labels, _, truth = classes
    once = np.ones(len(labels))
    raw = fitted(classes, once) > 0.5
    scaled = fitted(classes, once, train.mean(axis=0), train.std(axis=0)) > 0.5
    assert (raw == scaled).all()
    weighted = fitted(classes, np.where(labels == 1, 19, 1)) > 0.5
    assert weighted[truth == 1].sum() > 2 * raw[truth == 1].sum()
