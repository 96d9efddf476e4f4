import random
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infrastructure.performance import (
    availability,
    busbw,
    checkpoint_interval,
    goodput_curve,
    matmul_flops,
    peak,
    percentiles,
    scaling,
)

# 目录


def test_every_metric_on_the_page_has_a_definition_and_a_unit():
    """原博客只有“处理速度、并发能力”。这里每一行都要有名字、定义、单位和陷阱。"""
    page = Path(__file__).parents[2] / "docs/infrastructure/performance.md"
    table = page.read_text().split("| 维度 | 指标 |", 1)[1].split("\n\n", 1)[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[2:]]
    assert len(rows) >= 12
    for row in rows:
        assert len(row) == 5 and all(row), row
        assert "速度" not in row[1] and "并发" not in row[1]
    named = " ".join(row[1] for row in rows)
    for metric in ("MFU", "HFU", "busbw", "MTBF", "ETTR", "TTFT", "TPOT", "goodput", "成本"):
        assert metric in named
    assert {row[0] for row in rows} == {"算力", "存储", "网络", "稳定性", "扩展", "服务", "成本"}


# 算力


def test_flop_counts_every_multiply_and_add():
    """数一遍三重循环里的乘和加。"""
    m, k, n = 3, 4, 5
    operations = sum(2 for _ in range(m) for _ in range(n) for _ in range(k))
    assert matmul_flops.flop(m, k, n) == operations


def test_bytes_are_the_three_arrays():
    a, b = np.zeros((3, 4), np.float32), np.zeros((4, 5), np.float32)
    assert matmul_flops.least_bytes(3, 4, 5) == a.nbytes + b.nbytes + (a @ b).nbytes


def test_batching_raises_flop_per_byte_up_to_the_batch_size():
    """权重占大头时，每字节的 FLOP 约等于批大小的一半（每个元素 4 字节，做 2·批 次）。"""
    one, many = (
        matmul_flops.flop(4_096, 4_096, n) / matmul_flops.least_bytes(4_096, 4_096, n)
        for n in (1, 64)
    )
    assert one == pytest.approx(0.5, rel=0.01)
    assert many == pytest.approx(32, rel=0.05)


def test_one_product_is_faster_than_column_by_column():
    size, batch = 2_048, 32
    rng = np.random.default_rng(0)
    weights, inputs = rng.random((size, size)), rng.random((size, batch))
    columns = [np.ascontiguousarray(column) for column in inputs.T]
    work = matmul_flops.flop(size, size, batch)
    together = matmul_flops.gflop_per_s(lambda: weights @ inputs, work)
    one_by_one = matmul_flops.gflop_per_s(lambda: [weights @ c for c in columns], work)
    assert together > 1.5 * one_by_one
    np.testing.assert_allclose(np.stack([weights @ c for c in columns], axis=1), weights @ inputs)


def test_rate_is_the_best_of_several_runs_after_a_warm_up(monkeypatch):
    """假的时钟：三次分别用 4、1、2 秒，取最快的；热身的一次不计。"""
    clock = iter([0, 4, 10, 11, 20, 22])
    monkeypatch.setattr(matmul_flops.time, "perf_counter", lambda: next(clock))
    calls = []
    assert matmul_flops.gflop_per_s(lambda: calls.append(1), 5e9) == 5
    assert len(calls) == 4


def test_dense_peaks_are_those_of_the_datasheets():
    """A100 312、H100 989.4 TFLOP/s；带稀疏的 H100 是 1,979，恰好两倍。"""
    for (mhz, fma, cores), printed in (
        (peak.A100_MHZ_FMA_CORES, 312),
        (peak.H100_MHZ_FMA_CORES, 989.4),
    ):
        tflops = peak.peak_flop_per_s(mhz * 1e6, fma, cores) / 1e12
        assert tflops == pytest.approx(printed, rel=0.001)
    assert pytest.approx(2 * tflops, rel=0.001) == peak.H100_SPARSE_BF16_TFLOPS


def test_peak_refuses_what_no_chip_has():
    with pytest.raises(ValueError, match="cores 必须是有限的正数，收到 0"):
        peak.peak_flop_per_s(1e9, 512, 0)


# 网络


def ring_all_reduce(values: list[list[float]]) -> tuple[list[list[float]], int]:
    """逐步模拟环形 all-reduce，返回各卡的结果和每张卡发送的元素数。"""
    n = len(values)
    chunk = len(values[0]) // n
    sent = 0
    for phase in range(2):
        for step in range(n - 1):
            outgoing = []
            for rank in range(n):
                part = (rank + phase - step) % n
                outgoing.append((part, values[rank][part * chunk : (part + 1) * chunk]))
            for rank in range(n):
                part, data = outgoing[(rank - 1) % n]
                for i, value in enumerate(data):
                    old = values[rank][part * chunk + i] if phase == 0 else 0
                    values[rank][part * chunk + i] = old + value
            sent += chunk
    return values, sent


@pytest.mark.parametrize("ranks", [2, 3, 4, 8])
def test_bus_factor_is_what_each_rank_sends_in_a_ring(ranks):
    rng = random.Random(ranks)
    size = 12 * ranks
    values = [[float(rng.randrange(100)) for _ in range(size)] for _ in range(ranks)]
    expected = [sum(column) for column in zip(*values)]
    results, sent = ring_all_reduce([row[:] for row in values])
    assert results == [expected] * ranks
    assert sent / size == pytest.approx(busbw.bus_factor("all-reduce", ranks))


def test_published_bus_bandwidth_is_reproduced():
    factor = busbw.bus_factor("all-reduce", 32)
    computed = busbw.ALLREDUCE_ALGBW_GBYTES_PER_S * factor
    assert computed == pytest.approx(busbw.ALLREDUCE_BUSBW_GBYTES_PER_S, abs=0.01 * factor)


def test_bus_bandwidth_of_one_link():
    """两张卡各发一份：系数是 1；带宽必须是正数。"""
    assert busbw.all_reduce_busbw(10, 2) == 10
    assert busbw.all_reduce_busbw(47.32, 32) == pytest.approx(91.69, rel=0.001)
    with pytest.raises(ValueError, match="algbw 必须是有限的正数，收到 0"):
        busbw.all_reduce_busbw(0, 2)


@pytest.mark.parametrize(("algbw", "published"), [(48.59, 94.15), (47.53, 92.09), (0.48, 0.92)])
def test_other_rows_of_the_same_table(algbw, published):
    """同一张表的另外几行，差别在取整以内。"""
    factor = busbw.bus_factor("all-reduce", 32)
    assert algbw * factor == pytest.approx(published, abs=0.005 * factor + 0.005)


def test_all_reduce_is_a_reduce_scatter_and_an_all_gather():
    for ranks in (2, 8, 1_024):
        parts = busbw.bus_factor("reduce-scatter", ranks) + busbw.bus_factor("all-gather", ranks)
        assert busbw.bus_factor("all-reduce", ranks) == pytest.approx(parts)
    assert busbw.bus_factor("broadcast", 8) == 1
    assert busbw.bus_factor("all-to-all", 4) == 0.75


def test_algorithm_bandwidth_falls_to_half_while_the_hardware_stays():
    algbw = [100 / busbw.bus_factor("all-reduce", n) for n in (2, 8, 32, 1_024, 10**6)]
    assert algbw == sorted(algbw, reverse=True)
    assert algbw[0] == 100 and algbw[-1] == pytest.approx(50, rel=1e-5)


def test_unknown_collectives_are_refused():
    with pytest.raises(ValueError, match="ranks 至少是 2，收到 1"):
        busbw.bus_factor("all-reduce", 1)
    with pytest.raises(ValueError, match="collective 要是 .*all-gather.* 之一，收到 gossip"):
        busbw.bus_factor("gossip", 2)


# 稳定性


@pytest.mark.parametrize(("nines", "hours"), [(0.99, 87.6), (0.999, 8.76), (0.9999, 0.876)])
def test_nines_in_hours_per_year(nines, hours):
    """通行的换算：三个九每年 8.76 小时，四个九 52.56 分钟。"""
    assert availability.downtime_hours_per_year(nines) == pytest.approx(hours)


def test_availability_is_the_share_of_time_up():
    """交替运行、修复一万轮，数运行的时间。"""
    rng = np.random.default_rng(0)
    up, down = rng.exponential(3.0, 10_000).sum(), rng.exponential(0.5, 10_000).sum()
    assert availability.availability(3.0, 0.5) == pytest.approx(up / (up + down), rel=0.01)


def test_llama_stops_about_every_three_hours():
    """论文的 54 天、419 次；每台服务器 8 张卡。"""
    between = availability.LLAMA3_SNAPSHOT_DAYS * 24 / availability.LLAMA3_UNEXPECTED_STOPS
    assert between == pytest.approx(3.0, rel=0.04)
    servers = availability.LLAMA3_TRAINING_GPUS // 8
    assert availability.system_mtbf(between * servers, servers) == pytest.approx(between)
    assert between * servers / 24 == pytest.approx(264, abs=1)


def test_mtbf_is_time_over_failures():
    """十天坏五次，四十八小时一次。"""
    assert availability.mtbf_hours(10, 5) == 48
    with pytest.raises(ValueError, match="failures 必须是有限的正数，收到 0"):
        availability.mtbf_hours(10, 0)


@given(st.floats(0.1, 1e6), st.integers(1, 10**6))
def test_part_and_system_undo_each_other(mtbf, parts):
    system = availability.system_mtbf(mtbf, parts)
    assert system <= mtbf
    assert availability.part_mtbf(system, parts) == pytest.approx(mtbf)


def test_impossible_parts_and_availability_are_refused():
    with pytest.raises(ValueError, match="parts 必须是有限的正数，收到 0"):
        availability.system_mtbf(100, 0)
    with pytest.raises(ValueError, match="availability 必须大于 0 且不超过 1，收到 1.1"):
        availability.downtime_hours_per_year(1.1)


def test_first_failure_of_many_parts_comes_sooner():
    rng = np.random.default_rng(1)
    first = rng.exponential(100.0, size=(20_000, 16)).min(axis=1).mean()
    assert availability.system_mtbf(100.0, 16) == pytest.approx(first, rel=0.03)


@pytest.mark.parametrize(("mtbf", "mttr"), [(0, 1), (-1, 1), (1, -1)])
def test_impossible_repairs_are_refused(mtbf, mttr):
    with pytest.raises(ValueError, match="MTBF 要大于 0，MTTR 不能小于 0"):
        availability.availability(mtbf, mttr)


def test_young_interval_is_the_minimum_of_the_loss():
    mtbf, save = 11_135.0, 20.0
    best = checkpoint_interval.best_interval(mtbf, save)
    grid = np.linspace(100, 4_000, 39_001)
    losses = [checkpoint_interval.lost_share(t, mtbf, save) for t in grid]
    assert grid[np.argmin(losses)] == pytest.approx(best, rel=1e-3)
    assert min(losses) == pytest.approx(np.sqrt(2 * save / mtbf), rel=1e-6)


@pytest.mark.parametrize("interval", [300.0, 667.0, 1_500.0])
def test_loss_formula_agrees_with_simulated_failures(interval):
    """随机故障的模拟：每隔 interval 秒工作写一次检查点，出事退回上一个。"""
    mtbf, save, work = 11_135.0, 20.0, 4e6
    rng = np.random.default_rng(int(interval))
    clock = done = 0.0
    fail = rng.exponential(mtbf)
    while done < work:
        if fail > interval + save:
            clock, done, fail = clock + interval + save, done + interval, fail - interval - save
        else:
            clock, fail = clock + fail, rng.exponential(mtbf)
    lost = clock / work - 1
    assert checkpoint_interval.lost_share(interval, mtbf, save) == pytest.approx(lost, rel=0.2)


def test_bloom_checkpoint_overhead_is_reproduced():
    """ml-engineering：每 3 小时写一次、每次 40 秒，占训练时间 0.37%。"""
    overhead = checkpoint_interval.write_share(3 * 3_600, 40)
    assert overhead == pytest.approx(0.0037, rel=0.002)
    assert overhead == checkpoint_interval.lost_share(3 * 3_600, float("inf"), 40)
    with pytest.raises(ValueError, match="interval_s 必须是有限的正数，收到 0"):
        checkpoint_interval.write_share(0, 40)


def test_hourly_checkpoints_lose_more_than_sixteen_percent():
    mtbf = 54 * 86_400 / 419
    for save in (5, 20, 60):
        hourly = checkpoint_interval.lost_share(3_600, mtbf, save)
        best = checkpoint_interval.best_interval(mtbf, save)
        assert hourly > 0.16
        assert checkpoint_interval.lost_share(best, mtbf, save) < hourly


def test_impossible_checkpoints_are_refused():
    with pytest.raises(ValueError, match="mtbf_s 和 save_s 都要大于 0"):
        checkpoint_interval.best_interval(0, 20)
    with pytest.raises(ValueError, match="mtbf_s 和 save_s 都要大于 0"):
        checkpoint_interval.best_interval(100, -1)


# 扩展


@pytest.mark.parametrize("serial", [0.001, 0.05, 0.5])
def test_serial_share_inverts_amdahl(serial):
    for times in (2, 48, 1_000):
        speedup = 1 / (serial + (1 - serial) / times)
        assert scaling.serial_share(speedup, times) == pytest.approx(serial)
        assert scaling.usl(times, serial, 0) == pytest.approx(speedup)


def test_megatron_strong_scaling():
    """README 的两端：96 张 47%，4,608 张 42%。总吞吐 ∝ 张数 × MFU。"""
    speedup = scaling.speedup_from_mfu(48, 0.47, 0.42)
    assert speedup == pytest.approx((4_608 * 42) / (96 * 47)) == pytest.approx(42.9, abs=0.05)
    assert scaling.serial_share(speedup, 48) == pytest.approx(0.00253, rel=0.01)
    assert (scaling.MEGATRON_GPUS, scaling.MEGATRON_MFU_PERCENT) == ((96, 4_608), (47, 42))


def test_palm_weak_scaling_is_about_97_percent():
    """论文自己写“约 97%”。"""
    efficiency = scaling.efficiency(scaling.PALM_TWO_POD_SPEEDUP, 2)
    assert efficiency == pytest.approx(0.97, abs=0.006)


def test_mfu_is_a_fraction_not_a_percentage():
    with pytest.raises(ValueError, match="mfu_before 必须大于 0 且不超过 1，收到 47"):
        scaling.speedup_from_mfu(48, 47, 42)


def test_amdahl_never_slows_down_but_usl_does():
    many = np.arange(1, 2_000)
    amdahl = scaling.usl(many, 0.0025, 0)
    crosstalk = scaling.usl(many, 0.0025, 1e-5)
    assert (np.diff(amdahl) > 0).all()
    peak = many[crosstalk.argmax()]
    assert peak == pytest.approx(((1 - 0.0025) / 1e-5) ** 0.5, abs=1)
    assert crosstalk[-1] < crosstalk.max()


@pytest.mark.parametrize(("speedup", "times"), [(3, 2), (0.5, 2), (1, 1)])
def test_impossible_speedups_are_refused(speedup, times):
    with pytest.raises(ValueError, match="要有 1 ≤ speedup ≤ times"):
        scaling.serial_share(speedup, times)


# 服务


def waiting_line(load: float, jobs: int, seed: int) -> np.ndarray:
    """M/M/1 的响应时间（以平均服务时间为单位），用 Lindley 递推模拟。"""
    rng = np.random.default_rng(seed)
    gaps, services = rng.exponential(1 / load, jobs), rng.exponential(1.0, jobs)
    wait, times = 0.0, np.empty(jobs)
    for i in range(jobs):
        times[i] = wait + services[i]
        wait = max(0.0, times[i] - (gaps[i + 1] if i + 1 < jobs else 0.0))
    return times


@pytest.mark.parametrize(("load", "slo"), [(0.3, 2), (0.6, 5), (0.8, 5)])
def test_goodput_agrees_with_a_simulated_queue(load, slo):
    on_time = (waiting_line(load, 200_000, seed=3) <= slo).mean()
    assert goodput_curve.goodput(load, slo) == pytest.approx(load * on_time, rel=0.03)


def test_goodput_rises_then_falls_to_nothing():
    load = np.linspace(0, 1, 1_001)
    peaks = []
    for slo in (2, 5, 20):
        curve = goodput_curve.goodput(load, slo)
        peak = curve.argmax()
        assert (np.diff(curve[: peak + 1]) > 0).all() and (np.diff(curve[peak:]) < 0).all()
        assert curve[-1] == 0 and (curve <= load).all()
        peaks.append((load[peak], curve[peak]))
    assert peaks == sorted(peaks)  # 时限越松，峰值越高、来得越晚


def test_goodput_figure_is_a_complete_drawing():
    svg = ElementTree.fromstring(goodput_curve.figure())
    words = {"".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")}
    labels = {"throughput"} | {f"goodput，时限 {slo} 倍" for slo in (2, 5, 20)}
    assert labels <= words


def test_average_of_percentiles_is_not_the_percentile():
    servers = percentiles.latencies_ms()
    true = np.percentile(np.concatenate(servers), 99)
    averaged = np.mean([np.percentile(samples, 99) for samples in servers])
    assert averaged < 0.55 * true


def test_average_of_percentiles_can_also_be_too_large():
    """慢的那台几乎没有请求时，平均值被它拉高。"""
    rng = np.random.default_rng(4)
    servers = [rng.lognormal(4.6, 0.3, size=10_000) for _ in range(3)]
    servers.append(rng.lognormal(7.6, 0.3, size=10))
    averaged = np.mean([np.percentile(samples, 99) for samples in servers])
    assert averaged > 3 * np.percentile(np.concatenate(servers), 99)


def test_merged_histograms_give_the_percentile_within_a_bucket():
    servers = percentiles.latencies_ms()
    edges = np.geomspace(1, 100_000, 200)
    merged = sum(percentiles.histogram(samples, edges) for samples in servers)
    assert merged.sum() == sum(map(len, servers))
    for percent in (50, 90, 99, 99.9):
        exact = np.percentile(np.concatenate(servers), percent)
        estimate = percentiles.percentile_of(merged, edges, percent)
        assert exact * 0.999 <= estimate <= exact * edges[1] / edges[0] * 1.001


def test_percentile_of_by_hand():
    """十个样本：五个在第一个桶，四个在第二个，一个在第三个。"""
    counts, edges = np.array([5, 4, 1]), np.array([0, 10, 20, 30])
    found = [percentiles.percentile_of(counts, edges, p) for p in (50, 51, 90, 91)]
    assert found == [10, 20, 20, 30]


def test_mean_hides_the_sick_server():
    servers = percentiles.latencies_ms()
    everything = np.concatenate(servers)
    assert everything.mean() < 200 < 1_000 < np.percentile(everything, 99)
    assert len(servers[-1]) / len(everything) == pytest.approx(0.032, abs=0.001)
