import itertools
import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

from infrastructure.components import (
    checkpoint_burst,
    inspect_machine,
    one_server_or_cluster,
    pods,
    power,
    stack,
)

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
    with pytest.raises(ValueError, match="tb_per_s 要大于 0，收到 0"):
        checkpoint_burst.write_seconds(1, 0)


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
    ticks = itertools.count()
    monkeypatch.setattr(inspect_machine.time, "perf_counter", lambda: next(ticks) / 10)
    assert inspect_machine.copy_gbytes_per_s(megabytes=64) == pytest.approx(1.28)
