import math
import random
from collections import Counter

import numpy as np
import pytest

from training.data_skew import (
    hot_experts,
    mixture_epochs,
    normalisation_keeps_imbalance,
    padding_waste,
    salting,
)

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
    probability = np.array([0.9, 0.2, 0.8, 0.1, 0.1, 0.3])
    truth = np.array([1, 1, 0, 0, 0, 0])
    normalisation_keeps_imbalance.report("手算", probability, truth, 0.5)
    expected = "手算：少数类召回 50%，多数类 75%，精确率 50%，平均概率 40%\n"
    assert capsys.readouterr().out == expected


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
    assert 10 < mixture_epochs.effective_tokens(10, 1.5) < 15  # 过了一遍就开始打折


def test_mix_of_llama_sums_to_one():
    assert sum(mixture_epochs.LLAMA3_MIX_PERCENT) == 100


@pytest.mark.parametrize(("unique", "epochs"), [(0, 1), (-1, 1), (1, -0.1)])
def test_impossible_corpora_are_refused(unique, epochs):
    with pytest.raises(ValueError, match="unique 要大于 0，epochs 不能小于 0"):
        mixture_epochs.effective_tokens(unique, epochs)


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


def test_blog_remedy_leaves_the_skew(classes):
    """原博客先开的药方是归一化：少数类召回一个样本也不多。"""
    train, labels, _, truth = classes
    once = np.ones(len(labels))
    raw = fitted(classes, once) > 0.5
    scaled = fitted(classes, once, train.mean(axis=0), train.std(axis=0)) > 0.5
    assert (raw == scaled).all()
    weighted = fitted(classes, np.where(labels == 1, 19, 1)) > 0.5
    assert weighted[truth == 1].sum() > 2 * raw[truth == 1].sum()
