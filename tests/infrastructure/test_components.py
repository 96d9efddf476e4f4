import itertools
import os
import re
import runpy
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from infrastructure.components import (
    checkpoint_burst,
    container_limits,
    cost_share,
    failure_share,
    fat_tree,
    inspect_machine,
    job_size,
    layer_share,
    one_server_or_cluster,
    pods,
    power,
    size_cluster,
    stack,
    two_clusters,
    visible_accelerators,
)
from infrastructure.performance.availability import mtbf_hours, part_mtbf
from infrastructure.performance.checkpoint_interval import lost_share
from training.distributed.ring_all_reduce import ring_all_reduce

# 模型多大


def test_gpt3_is_hundreds_of_times_bert():
    """原博客把两者并列。1,287 MWh 对 37.3 kWh 和 1,507 kWh。"""
    gpt3_kwh = one_server_or_cluster.GPT3[2] * 1_000
    assert gpt3_kwh / one_server_or_cluster.BERT_SMALL[2] == pytest.approx(34_500, rel=0.001)
    assert gpt3_kwh / one_server_or_cluster.BERT_BASE[2] == pytest.approx(854, rel=0.001)


def test_published_energy_agrees_with_hours_and_power():
    """用电 = 张数 × 小时 × 功率 × PUE，功率和 PUE 取自论文的另外几列。"""
    gpus, days, mwh = one_server_or_cluster.GPT3
    patterson = one_server_or_cluster.gpu_hours(gpus, days * 24) * 330 * 1.10 / 1e6  # 每卡 330 W
    assert patterson == pytest.approx(mwh, rel=0.003)
    _, hours, kwh = one_server_or_cluster.BERT_BASE
    strubell = (
        one_server_or_cluster.gpu_hours(1, hours) * 12_041.51 * 1.58 / 1e3
    )  # 整机 12,041.51 W
    assert strubell == pytest.approx(kwh, rel=0.005)
    gpus, hours, kwh = one_server_or_cluster.BERT_SMALL
    assert kwh * 1_000 / one_server_or_cluster.gpu_hours(gpus, hours) < 300  # 不超过 V100 的 300 W


# 集群


def test_racks_and_pods_close_on_the_published_total():
    """论文写 3,072 张一个 pod，集群 24K；一台服务器 8 张。"""
    per_pod = pods.LLAMA3_GPUS_PER_RACK * pods.LLAMA3_RACKS_PER_POD
    assert per_pod == 3_072
    assert round(per_pod * pods.LLAMA3_PODS / 1_024) == 24
    assert pods.LLAMA3_GPUS_PER_RACK / pods.LLAMA3_SERVERS_PER_RACK == 8


def test_bandwidth_falls_with_distance():
    server, pod, across = pods.bandwidth_gbytes_per_s().values()
    assert (server, pod) == (450, 50)  # 400 Gbit/s ÷ 8
    assert server / pod == 9
    assert pod / across == pytest.approx(7)


def test_one_flow_per_gpu_saturates_exactly_the_oversubscribed_links():
    """另一种算法：pod 出口总带宽 = 3,072 张网卡 ÷ 7，均分给 3,072 张卡。"""
    *_, across = pods.bandwidth_gbytes_per_s().values()
    uplink_gbit = 3_072 * 400 / 7
    assert across * 8 * 3_072 == pytest.approx(uplink_gbit)


@pytest.mark.parametrize(
    ("gpus", "group", "groups"), [(128, 16, 8), (129, 16, 9), (16_384, 3_072, 6), (3_072, 3_072, 1)]
)
def test_groups_are_rounded_up(gpus, group, groups):
    assert pods.groups_needed(gpus, group) == groups


def test_parallelism_multiplies_to_the_published_gpu_count():
    """论文表 4：16,384 张卡。一份模型放得进一个 pod，全部数据并行放不进。"""
    tp, pp, dp = pods.LLAMA3_TP_PP_DP
    assert tp * pp * dp == 16_384
    assert tp * pp < 3_072 < tp * pp * dp


# 存储


def test_checkpoint_seconds_by_hand():
    assert checkpoint_burst.write_seconds(2, 4) == 0.5  # 2 TB ÷ 4 TB/s
    slow, fast = (
        checkpoint_burst.write_seconds(65.536, speed)
        for speed in checkpoint_burst.LLAMA3_STORAGE_TB_PER_S
    )
    assert slow / fast == pytest.approx(7 / 2)
    assert 30 < slow < 35 and 9 < fast < 10


def test_one_checkpoint_is_small_beside_the_capacity():
    assert 16_384 * checkpoint_burst.LLAMA3_CHECKPOINT_GB_PER_GPU / 1e6 < 240 / 1_000


def test_state_of_the_model_fits_below_the_published_ceiling():
    """ZeRO §3.1 的 16 字节里有 2 字节梯度，检查点不存。"""
    state_tb = checkpoint_burst.model_state_tb(checkpoint_burst.LLAMA31_PARAMETERS_BILLION)
    assert state_tb == pytest.approx(405e9 * (16 - 2) / 1e12)
    assert state_tb < 16_384 * checkpoint_burst.LLAMA3_CHECKPOINT_GB_PER_GPU / 1_000


def test_storage_without_bandwidth_is_refused():
    with pytest.raises(ValueError, match="tb_per_s 必须是有限的正数，收到 0"):
        checkpoint_burst.write_seconds(1, 0)
    with pytest.raises(ValueError, match="tb 必须是非负的有限数，收到 -1"):
        checkpoint_burst.write_seconds(-1, 2)
    with pytest.raises(ValueError, match="params_billion 必须是有限的正数，收到 0"):
        checkpoint_burst.model_state_tb(0)


def test_bandwidth_for_a_pause_is_the_inverse_of_the_pause():
    speed = checkpoint_burst.storage_tb_per_s(65.5, 5)
    assert speed == 13.1
    assert checkpoint_burst.write_seconds(65.5, speed) == pytest.approx(5)
    with pytest.raises(ValueError, match="pause_s 必须是有限的正数，收到 0"):
        checkpoint_burst.storage_tb_per_s(1, 0)
    with pytest.raises(ValueError, match="tb 必须是非负的有限数，收到 -1"):
        checkpoint_burst.storage_tb_per_s(-1, 5)


# 电力


def test_chips_are_half_of_the_power():
    """只按 GPU 铭牌申请电力，会差出一倍。"""
    site_watts = power.facility_mw(24_576, power.DGX_H100_KW, 8, power.GOOGLE_PUE) * 1e6 / 24_576
    assert site_watts == pytest.approx(10_200 / 8 * 1.10)
    assert site_watts / power.H100_TDP_W == pytest.approx(2.0, abs=0.05)


def test_cluster_power_is_tens_of_megawatts():
    """论文说全体起停时功率波动达数十兆瓦，与整个集群同量级。"""
    assert 20 < power.facility_mw(24_576, power.DGX_H100_KW, 8, pue=1) < 100


def test_pue_multiplies_and_is_at_least_one():
    one = power.facility_mw(8_000, 10, 8, pue=1)
    assert one == 10  # 1,000 台 × 10 kW
    assert power.facility_mw(8_000, 10, 8, pue=1.5) == 15
    with pytest.raises(ValueError, match="pue 不会小于 1，收到 0.9"):
        power.facility_mw(8_000, 10, 8, pue=0.9)


def test_spec_sheet_number_with_sparsity_is_double_the_dense_one():
    """H100 BF16：1830 MHz × 512 × 2 × 528 个张量核心是稠密值，规格表印的 1979 是稀疏值。"""
    dense = 1_830e6 * 512 * 2 * 528 / 1e12
    assert dense / 1_979 == pytest.approx(0.5, abs=0.001)


# 停在哪一层


def test_each_count_matches_the_percentage_printed_beside_it():
    """论文表 5 每一行还印了占比；只有第一行（故障 GPU，30.1%）与次数不合。"""
    printed = {
        failure_share.LLAMA3_GPU_STOPS[1:]: (17.2, 4.5, 4.1, 1.4, 1.4),
        failure_share.LLAMA3_NETWORK_STOPS: (8.4, 1.7),
        failure_share.LLAMA3_HOST_STOPS: (0.5,) * 4,
        failure_share.LLAMA3_SOFTWARE_STOPS: (12.9, 0.5),
        (
            failure_share.LLAMA3_SSD_STOPS,
            failure_share.LLAMA3_POWER_SUPPLY_STOPS,
            failure_share.LLAMA3_MAINTENANCE_STOPS,
            failure_share.LLAMA3_UNKNOWN_STOPS,
        ): (0.7, 0.7, 7.6, 1.7),
    }
    for counts, percents in printed.items():
        for count, percent in zip(counts, percents, strict=True):
            assert 100 * count / 419 == pytest.approx(percent, abs=0.05)
    first = failure_share.LLAMA3_GPU_STOPS[0]
    assert first == 148 and 100 * first / 419 - 30.1 > 5


def test_layers_add_up_to_every_stop():
    stops = failure_share.stops_by_layer
    assert sum(stops.values()) == 419
    assert sum(failure_share.share(count, 419) for count in stops.values()) == pytest.approx(1)
    assert stops["加速器"] == 148 + 72 + 19 + 17 + 6 + 6
    assert stops["加速器"] > 419 - stops["加速器"]  # 比其余各层加起来还多
    assert stops["机间网络"] == 35 + 7 and stops["训练软件"] == 54 + 2
    assert stops["主机"] == 8 and stops["运维（计划外维护）"] == 32


def test_printed_gpu_share_follows_from_the_wrong_first_row():
    """30.1% 相当于 126 次；换成 126，GPU 合计正好是正文印的 58.7%。"""
    rest = sum(failure_share.LLAMA3_GPU_STOPS[1:])
    assert 100 * (126 + rest) / 419 == pytest.approx(
        failure_share.LLAMA3_PRINTED_GPU_PERCENT, abs=0.05
    )
    assert 100 * (148 + rest) / 419 == pytest.approx(64.0, abs=0.05)


def test_each_accelerator_is_reliable_though_all_together_are_not():
    yearly = failure_share.per_unit_year(268, 16_384, 54)
    assert yearly == pytest.approx(0.1106, abs=0.0001)
    hours = 365 * 24 / (yearly * 16_384)  # 反过来，全体多久坏一张
    assert hours == pytest.approx(mtbf_hours(54, 268))
    assert 4 < hours < 5


def test_impossible_shares_are_refused():
    assert (failure_share.share(0, 2), failure_share.share(2, 2)) == (0, 1)
    with pytest.raises(ValueError, match=r"part 不能大于 whole（2），收到 3"):
        failure_share.share(3, 2)
    with pytest.raises(ValueError, match="whole 必须是有限的正数，收到 0"):
        failure_share.share(0, 0)
    with pytest.raises(ValueError, match="part 必须是非负的有限数，收到 -1"):
        failure_share.share(-1, 2)
    with pytest.raises(ValueError, match="days 必须是有限的正数，收到 0"):
        failure_share.per_unit_year(1, 1, 0)
    with pytest.raises(ValueError, match="units 必须是有限的正数，收到 0"):
        failure_share.per_unit_year(1, 0, 1)
    with pytest.raises(ValueError, match="stops 必须是非负的有限数，收到 -1"):
        failure_share.per_unit_year(-1, 1, 1)


# 钱花在哪一层


def test_cost_sheet_adds_up_to_its_own_totals():
    """每张卡的均价是表里印的最后一栏（美元，四舍五入）。"""
    printed = {512: 46_883, 1_024: 49_248, 16_384: 49_248, 32_768: 51_613}
    assert cost_share.h100_clusters.keys() == printed.keys()
    for gpus, kusd in cost_share.h100_clusters.items():
        assert sum(kusd) * 1_000 / gpus == pytest.approx(printed[gpus], abs=0.51)
        facility, servers, switches, _ = kusd
        assert (facility, servers) == (50 * gpus / 8, 310 * gpus / 8)  # 每台 5 万、31 万美元
        count = dict(zip(fat_tree.H100_CLUSTER_GPUS, fat_tree.H100_CLUSTER_SWITCHES))[gpus]
        assert switches == 36 * count  # 每台交换机 3.6 万美元


def test_network_takes_more_of_the_money_with_each_level():
    shares = [cost_share.layer_shares(*kusd) for kusd in cost_share.h100_clusters.values()]
    network = [share["机间网络"] for share in shares]
    assert network[1] == pytest.approx(network[2])  # 同是两层
    assert network[0] < network[1] < network[3]
    assert [round(100 * share, 1) for share in network] == [4.0, 8.6, 8.6, 12.8]
    for share in shares:
        assert sum(share.values()) == pytest.approx(1)
        assert share["服务器"] > 0.75 and share["机房与运维"] > 0.12


def test_layer_shares_by_hand():
    assert cost_share.layer_shares(10, 70, 15, 5) == {
        "服务器": 0.7,
        "机间网络": 0.2,
        "机房与运维": 0.1,
    }


def test_fire_flyer_costs_half_and_saves_on_the_network():
    """论文表 III 印的合计；成本减半，网络在自己的方案里省四成。"""
    network, server = cost_share.FIRE_FLYER_NETWORK_PRICE, cost_share.FIRE_FLYER_SERVER_PRICE
    totals = [n + s for n, s in zip(network, server)]
    assert totals == [11_600, 11_850, 23_000]
    assert totals[0] / totals[2] == pytest.approx(0.504, abs=0.001)
    assert 1 - network[0] / network[1] == pytest.approx(0.40, abs=0.02)
    assert server[0] / server[2] == pytest.approx(0.60, abs=0.01)  # 表 II：单台 60%


def test_figure_groups_every_stop_once_and_both_columns_are_whole():
    grouped = [layer for layers in layer_share.groups.values() for layer in layers]
    assert sorted(grouped) == sorted(failure_share.stops_by_layer)
    cost, stops = zip(*layer_share.percents().values())
    assert sum(cost) == pytest.approx(100) and sum(stops) == pytest.approx(100)
    assert layer_share.percents()["服务器"] == pytest.approx((78.7, 100 * 279 / 419), abs=0.05)
    network = layer_share.percents()["机间网络"]
    assert network[0] < network[1]  # 停机占比高于成本占比
    assert max(cost) == cost[0] and max(stops) == stops[0]


def test_figure_of_shares_shows_every_value():
    svg = ElementTree.fromstring(layer_share.figure())
    words = ["".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"78.7", "66.6", "8.6", "10.0", "12.7", "8.4", "13.4", "1.7"} <= set(words)
    assert words.count("成本表不含") == 2
    assert {"成本", "意外停机", *layer_share.groups} <= set(words)


# 胖树


def count_by_layer(ports, radix, levels):
    """另一种数法：下面每层一台交换机接 radix/2 个下行口，顶层接 radix 个。"""
    return sum(-(-ports // (radix // 2)) for _ in range(levels - 1)) + -(-ports // radix)


@pytest.mark.parametrize(
    ("ports", "radix", "levels"), [(64, 64, 1), (800, 40, 2), (1_600, 40, 3), (32_768, 64, 3)]
)
def test_switches_counted_layer_by_layer(ports, radix, levels):
    assert fat_tree.switches(ports, radix, levels) == count_by_layer(ports, radix, levels)


def test_switches_reproduce_the_published_clusters():
    for gpus, published in zip(fat_tree.H100_CLUSTER_GPUS, fat_tree.H100_CLUSTER_SWITCHES):
        assert fat_tree.switches(gpus, 64, fat_tree.levels_needed(gpus // 8, 64)) == published
    assert fat_tree.switches(800, 40, 2) == 20 + 40  # 论文 §III-B：20 台 spine、40 台 leaf
    assert fat_tree.switches(1_600, 40, 3) == 40 + 160 == fat_tree.FIRE_FLYER_SWITCHES[1]
    assert 0 <= fat_tree.FIRE_FLYER_SWITCHES[0] - 2 * fat_tree.switches(800, 40, 2) <= 2
    dgx = fat_tree.switches(10_000, 40, 3)
    assert fat_tree.FIRE_FLYER_SWITCHES[2] - dgx == 320 - 250  # leaf、spine 各 500，只差 core
    assert dgx / fat_tree.FIRE_FLYER_SWITCHES[2] > 0.9


def test_levels_change_where_the_source_says():
    """成本表的分级：不超过 64、2,048、65,536 台服务器，各多一层。"""
    for nodes, levels in ((1, 1), (64, 1), (65, 2), (2_048, 2), (2_049, 3), (65_536, 3)):
        assert fat_tree.levels_needed(nodes, 64) == levels
    assert fat_tree.most_ports(40, 2) == fat_tree.FIRE_FLYER_ZONE_PORTS
    assert fat_tree.most_ports(4, 3) == 16  # 教科书上的 k = 4：16 台主机


def test_switches_are_whole_and_impossible_radix_is_refused():
    assert fat_tree.switches(65, 64, 1) == 2
    with pytest.raises(ValueError, match="radix 至少是 4，收到 2"):
        fat_tree.levels_needed(8, 2)
    assert fat_tree.levels_needed(9, 4) == 3
    for arguments, name in (((0, 4, 1), "ports"), ((1, 0, 1), "radix"), ((1, 4, 0), "levels")):
        with pytest.raises(ValueError, match=f"{name} 必须是有限的正数，收到 0"):
            fat_tree.switches(*arguments)
    with pytest.raises(ValueError, match="ports 必须是有限的正数，收到 0"):
        fat_tree.levels_needed(0, 64)
    with pytest.raises(ValueError, match="levels 必须是有限的正数，收到 0"):
        fat_tree.most_ports(4, 0)


# 两个集群


def test_fire_flyer_storage_and_power_are_reproduced():
    assert two_clusters.nic_gbytes_per_s(180 * 2, 200) == 9_000  # 论文：9 TB/s
    claimed, read = two_clusters.FIRE_FLYER_STORAGE_TB_PER_S
    assert claimed == 9 and read < claimed
    servers = power.facility_mw(two_clusters.FIRE_FLYER_GPUS, 2.5, 8, pue=1)
    low, high = two_clusters.FIRE_FLYER_MW
    assert low < servers < high
    assert two_clusters.FIRE_FLYER_GPUS / two_clusters.FIRE_FLYER_NODES == 8
    assert 1 - 2_500 / two_clusters.FIRE_FLYER_NODE_W[1] == pytest.approx(0.40, abs=0.01)  # 摘要


def test_fire_flyer_gives_each_card_less_network_and_more_storage():
    fire_nic, llama_nic = two_clusters.FIRE_FLYER_NIC_GBPS / 8, pods.LLAMA3_NIC_GBPS
    assert llama_nic > 10 * fire_nic  # 少得多
    fire = two_clusters.FIRE_FLYER_STORAGE_TB_PER_S[1] / two_clusters.FIRE_FLYER_GPUS
    llama = checkpoint_burst.LLAMA3_STORAGE_TB_PER_S[1] / 24_576
    assert fire > 2 * llama


# 从一次训练推出集群


def test_gpus_for_llama3_agree_with_the_published_cluster():
    """不用公布的卡时调参：6ND 加注意力、表 4 的 MFU、“高于 90%”的有效时间。容差 5%。"""
    flop = (6 * 405e9 + 12 * 126 * 16_384 * 8_192) * 15.6e12
    days = 30.84e6 / 16_384 / 24
    gpus = job_size.gpus_needed(flop, days, 989e12, 0.41, 0.90)
    assert gpus == pytest.approx(flop / (989e12 * 0.41 * 0.90 * days * 86_400))
    assert gpus == pytest.approx(16_384, rel=0.05)
    without_attention = job_size.gpus_needed(6 * 405e9 * 15.6e12, days, 989e12, 0.41, 0.90)
    assert without_attention < 0.95 * 16_384  # 不计注意力就少估了


def test_half_the_days_need_twice_the_gpus():
    once = job_size.gpus_needed(1e24, 20, 1e15, 0.4)
    assert once == pytest.approx(1e24 / 4e14 / 86_400 / 20)
    assert job_size.gpus_needed(1e24, 10, 1e15, 0.4) == pytest.approx(2 * once)
    assert job_size.gpus_needed(1e24, 20, 1e15, 0.4, 0.5) == pytest.approx(2 * once)
    with pytest.raises(ValueError, match="days 必须是有限的正数，收到 0"):
        job_size.gpus_needed(1e24, 0, 1e15, 0.4)
    with pytest.raises(ValueError, match="effective 必须大于 0 且不超过 1，收到 90"):
        job_size.gpus_needed(1e24, 10, 1e15, 0.4, 90)


@pytest.mark.parametrize("replicas", [2, 8])
def test_sync_bytes_equal_what_a_ring_really_sends(replicas):
    """梯度和参数都是 2 字节时，reduce-scatter 加 all-gather 就是一次 all-reduce。"""
    elements = 64
    _, sent = ring_all_reduce([np.ones(elements) for _ in range(replicas)])
    assert job_size.sync_bytes(4 * elements, 4, replicas, gradient_bytes=2) == 2 * max(sent)


def test_single_precision_gradients_send_half_as_much_again():
    both_half = job_size.sync_bytes(1e9, 8, 128, gradient_bytes=2)
    assert job_size.sync_bytes(1e9, 8, 128) == pytest.approx(1.5 * both_half)
    with pytest.raises(ValueError, match="ranks 至少是 2，收到 1"):
        job_size.sync_bytes(1e9, 8, 1)
    for name in ("params", "shards", "gradient_bytes"):
        arguments = {"params": 1e9, "shards": 8, "replicas": 2, "gradient_bytes": 4, name: 0}
        with pytest.raises(ValueError, match=f"{name} 必须是有限的正数，收到 0"):
            job_size.sync_bytes(**arguments)


# 参数、层宽长、token、天数、一份几张、每步 token；后面是另算的答案
jobs = {
    "Llama 3 405B": (405, (126, 16_384, 8_192), 15.6, 80, 128, 16),
    "8B": (8, (32, 4_096, 8_192), 1, 10, 8, 4),
}


@pytest.mark.parametrize("job", jobs.values(), ids=jobs)
def test_report_line_by_line(job, capsys):
    """每一行都另算一遍：公式照论文直接写，不经过片段引用的函数。"""
    billion, (layers, width, sequence), trillion, days, shards, batch = job
    size_cluster.report(*job)
    said = re.findall(r"\d[\d,]*(?:\.\d+)?", capsys.readouterr().out)
    speed = 989e12 * 0.41
    per_token = 6e9 * billion + 12 * layers * width * sequence
    exact = per_token * trillion * 1e12 / speed / 0.9 / (days * 86_400)
    copies = -(-exact // shards)
    gpus = copies * shards
    step = per_token * batch * 1e6 / (gpus * speed)
    sent = (copies - 1) / copies * 6 * billion / shards  # GB：4 字节发一遍，2 字节收一遍
    hours = 264 * 24 / (gpus / 8)
    every = (2 * hours * 3_600 * 5) ** 0.5
    useful = (1 - (600 + every / 2) / (hours * 3_600)) / (1 + 5 / every)
    ports, half = gpus / 8, 1
    while 2 * 32**half < ports:
        half += 1
    switches = -(-(2 * half - 1) * gpus // 64)
    state = billion * 14 / 1_000
    expected = [
        billion, trillion, days, shards, exact, copies, gpus, gpus / 8,
        batch * 100, step, sent, sent / step, 100 * sent / 50 / step, 100 * sent * 7 / 50 / step,
        switches, 64, state, state / 5, hours, every / 60, 100 * useful,
        gpus / 8 * 10.2 * 1.10 / 1_000,
    ]  # fmt: skip
    assert len(said) == len(expected)
    for printed, value in zip(said, expected):
        decimals = len(printed.partition(".")[2])
        number = float(printed.replace(",", ""))
        assert number == pytest.approx(value, abs=0.51 * 10**-decimals)


def test_llama3_plan_lands_on_the_published_cluster():
    """80 天的计划凑整后正好 16,384 张；存储、有效时间、间隔与公布的相容。"""
    flop = (6 * 405e9 + 12 * 126 * 16_384 * 8_192) * 15.6e12
    exact = job_size.gpus_needed(flop, 80, 989e12, 0.41, 0.9)
    assert pods.groups_needed(exact, 128) * 128 == 16_384
    assert pods.LLAMA3_TP_PP_DP[0] * pods.LLAMA3_TP_PP_DP[1] == 128
    needed = checkpoint_burst.storage_tb_per_s(5.67, size_cluster.pause_s)
    assert needed < checkpoint_burst.LLAMA3_STORAGE_TB_PER_S[0]  # 持续吞吐够用
    hours = mtbf_hours(54, 419)
    every = (2 * hours * 3_600 * size_cluster.pause_s) ** 0.5
    assert every / 60 == pytest.approx(5, rel=0.2)  # Fire-Flyer 通常每 5 分钟写一次
    checkpoints = lost_share(every, hours * 3_600, size_cluster.pause_s)
    restarts = size_cluster.restart_minutes / 60 / hours
    assert restarts > checkpoints  # 重启的损失比写检查点和返工加起来还大
    assert 1 - restarts - checkpoints > 0.90  # 公布：高于 90%


def test_assumed_server_life_is_the_published_one():
    life = part_mtbf(mtbf_hours(54, 419), 16_384 / 8) / 24
    assert size_cluster.server_days == pytest.approx(life, rel=0.001)
    assert size_cluster.server_days / 25 > 10  # 8B 的 25 台：10 天里平均停不到一次


def test_only_overlap_hides_the_oversubscribed_network():
    """全体跨 pod 占一步的四成多，无收敛时不到一成；张量并行若也跨 pod，更藏不住。"""
    sent = job_size.sync_bytes(405e9, 128, 128) / 1e9
    step = (6 * 405e9 + 12 * 126 * 16_384 * 8_192) * 16e6 / (16_384 * 989e12 * 0.41)
    _, pod, across = pods.bandwidth_gbytes_per_s().values()
    assert sent / pod / step < 0.1 < 0.4 < sent / across / step < 1


def test_every_assumption_is_named_in_the_printed_lines(capsys):
    runpy.run_path(size_cluster.__file__, run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith("假设：") for line in lines[:2])
    for value in ("MFU 41%", "90%", "PUE 1.10", "264 天", "停 5 秒", "重启 10 分钟"):
        assert value in lines[0] + lines[1]
    assert sum("假设 80 天、一份模型 128 张卡" in line for line in lines) == 1
    assert sum("假设每步 1,600 万 token" in line for line in lines) == 1


# 图


def test_figure_shows_every_layer_bottom_up():
    svg = ElementTree.fromstring(stack.figure())
    heights = {}
    for text in svg.iter("{http://www.w3.org/2000/svg}text"):
        position = re.search(
            r"(?:translate\(|rotate\([^ ]+ )[\d.]+ ([\d.]+)", text.get("transform")
        )
        heights["".join(text.itertext())] = float(position[1])
    order = sorted(heights, key=heights.get, reverse=True)
    named = [name for name in order if name in {name for name, *_ in stack.layers}]
    assert named == [name for name, *_ in stack.layers]
    assert {"运维", "监控", "排障", "安全"} <= set(heights)


def test_table_on_the_page_lists_the_layers_of_the_figure():
    page = Path(__file__).parents[2] / "docs/infrastructure/components.md"
    rows = re.findall(r"^\| ([^ |]+) \|", page.read_text(), flags=re.M)
    start = rows.index("层") + 1
    assert rows[start : start + 9] == [name for name, *_ in stack.layers] + ["运维"]


# 自己的机器


def test_memory_agrees_with_the_system():
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        total = int(re.search(r"MemTotal:\s+(\d+) kB", meminfo.read_text())[1]) * 1_024
    else:
        total = int(subprocess.check_output(["sysctl", "-n", "hw.memsize"]))
    assert inspect_machine.memory_gib() == pytest.approx(total / 2**30, rel=0.01)


def test_copy_bandwidth_counts_reads_and_writes(monkeypatch):
    """假的时钟每次走 0.1 秒：读 64 MB、写 64 MB，就是 1.28 GB/s。"""
    ticks, copied, copy = itertools.count(), [], np.copyto
    monkeypatch.setattr(
        inspect_machine.np, "copyto", lambda to, of: (copied.append(to.nbytes), copy(to, of))
    )
    monkeypatch.setattr(inspect_machine.time, "perf_counter", lambda: next(ticks) / 10)
    assert inspect_machine.copy_gbytes_per_s(megabytes=64) == pytest.approx(1.28)
    assert copied == [64_000_000] * 5


LISTING = """GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-1)
  MIG 1g.10gb     Device  0: (UUID: MIG-1)
GPU 1: NVIDIA H100 80GB HBM3 (UUID: GPU-2)
"""


def fake_command(folder: Path, body: str) -> str:
    command = folder / "nvidia-smi"
    command.write_text(f"#!/bin/sh\n{body}\n")
    command.chmod(0o755)
    return str(command)


def test_cards_are_counted_not_their_slices(tmp_path):
    command = fake_command(tmp_path, f"[ \"$1\" = -L ] && printf '%s' '{LISTING}'")
    assert visible_accelerators.nvidia_gpus(command) == 2


def test_absent_broken_or_silent_drivers_count_as_zero(tmp_path, monkeypatch):
    def counted(command):
        return visible_accelerators.or_zero(lambda: visible_accelerators.nvidia_gpus(command))

    assert counted(str(tmp_path / "absent")) == 0
    assert counted(fake_command(tmp_path, "echo NVIDIA-SMI has failed; exit 9")) == 0
    binary = tmp_path / "nvidia-smi"
    binary.write_bytes(b"\x7fELF")  # 不是这台机器能跑的程序
    assert counted(str(binary)) == 0
    waits = []

    def hang(*_, timeout, **__):
        waits.append(timeout)
        raise subprocess.TimeoutExpired("nvidia-smi", timeout)

    monkeypatch.setattr(visible_accelerators.subprocess, "run", hang)
    assert counted("nvidia-smi") == 0
    assert waits[0] <= 30


def test_programming_errors_are_not_hidden_as_zero():
    with pytest.raises(TypeError):
        visible_accelerators.or_zero(lambda: None + 1)


def test_amd_counts_gpus_not_processors(tmp_path):
    for node, gpu_id in enumerate(("0", "51140", "1")):  # 第一个是 CPU
        (tmp_path / str(node)).mkdir()
        (tmp_path / str(node) / "gpu_id").write_text(gpu_id + "\n")
    assert visible_accelerators.amd_gpus(tmp_path) == 2
    assert visible_accelerators.amd_gpus(tmp_path / "absent") == 0
    (tmp_path / "0" / "gpu_id").write_text("")
    assert visible_accelerators.or_zero(lambda: visible_accelerators.amd_gpus(tmp_path)) == 0


def test_container_limits_are_read_from_cgroup(tmp_path):
    (tmp_path / "cpu.max").write_text("150000 100000\n")
    (tmp_path / "memory.max").write_text("4294967296\n")
    assert container_limits.cgroup_limit("cpu.max", tmp_path) == 1.5
    assert container_limits.cgroup_limit("memory.max", tmp_path) == 2**32
    (tmp_path / "cpu.max").write_text("max 100000\n")
    (tmp_path / "memory.max").write_text("")
    for name in ("cpu.max", "memory.max", "absent"):
        assert container_limits.cgroup_limit(name, tmp_path) == 0


def test_usable_cores_take_the_smaller_limit(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(4 - pid), raising=False)
    assert [container_limits.usable_cores(limit) for limit in (0, 1.5, 64)] == [4, 1.5, 4]
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert container_limits.usable_cores(0) == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert container_limits.usable_cores(0) == 1


def test_shared_memory_is_the_size_of_its_file_system(tmp_path):
    found = os.statvfs(tmp_path)
    assert container_limits.shared_memory_gib(str(tmp_path)) == pytest.approx(
        found.f_frsize * found.f_blocks / 2**30
    )
    assert container_limits.shared_memory_gib(str(tmp_path / "absent")) == 0


def test_links_are_those_that_are_up(monkeypatch):
    class Nic:
        def __init__(self, isup, speed):
            self.isup, self.speed = isup, speed

    nics = {"lo": Nic(True, 0), "eth0": Nic(True, 25_000), "eth1": Nic(False, 400_000)}
    monkeypatch.setattr(inspect_machine.psutil, "net_if_stats", lambda: nics)
    assert inspect_machine.open_links_mbits() == [0, 25_000]


def test_entries_are_counted(tmp_path):
    (tmp_path / "mlx5_0").mkdir()
    (tmp_path / "mlx5_1").mkdir()
    assert inspect_machine.entries(str(tmp_path)) == 2


def test_inspection_goes_on_when_nothing_can_be_read(monkeypatch, tmp_path, capsys):
    """没有驱动、不许看网络、根目录查不到、没有计数器：每一层仍各有一行，读不到的写 0。"""

    def refuse(*_):
        raise PermissionError

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(inspect_machine.psutil, "net_if_stats", refuse)
    monkeypatch.setattr(inspect_machine.psutil, "cpu_count", lambda: None)
    monkeypatch.setattr(inspect_machine.shutil, "disk_usage", refuse)
    for name in ("iterdir", "glob"):
        monkeypatch.setattr(Path, name, refuse)
    runpy.run_path(inspect_machine.__file__, run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("：")[0] for line in lines] == [
        f"≈ {layer}" for layer in ("加速器", "处理器", "内存", "机间网络", "存储", "电力")
    ]
    for line in lines[:2] + lines[3:]:
        assert set(re.findall(r"\d+", line)) == {"0"}


def test_inspection_reports_what_it_can_read(monkeypatch, tmp_path, capsys):
    command = fake_command(tmp_path, f"printf '%s' '{LISTING}'")
    monkeypatch.setenv("PATH", str(Path(command).parent))
    runpy.run_path(inspect_machine.__file__, run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("≈ 加速器：2 张")
    assert int(re.search(r"逻辑核 (\d+)", lines[1])[1]) >= 1
    assert int(re.search(r"接口 (\d+)", lines[3])[1]) >= 0
    assert float(re.search(r"根目录 (\d+)", lines[4])[1]) > 0
