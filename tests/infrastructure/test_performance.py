import ctypes
import math
import mmap
import multiprocessing
import os
import random
import statistics
import sys
import threading
import time
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import OptimizeWarning
from scipy.special import lambertw
from scipy.stats import weibull_min

from infrastructure.performance import (
    all_reduce_latency,
    availability,
    busbw,
    checkpoint_figure,
    checkpoint_interval,
    checkpoint_simulation,
    coordinated_omission,
    durable_writes,
    failure_law,
    goodput_curve,
    loopback,
    matmul_flops,
    own_scaling,
    page_cache,
    peak,
    percentiles,
    queueing,
    restart,
    ring_busbw,
    roofline,
    roofline_figure,
    scaling,
    scaling_fit,
    serving,
    serving_load,
    serving_metrics,
)


def words(svg: str) -> str:
    """一幅图里的文字。不是完整的 SVG 时抛出 ParseError。"""
    texts = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return "\n".join("".join(text.itertext()) for text in texts)


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
    together = matmul_flops.per_second(lambda: weights @ inputs, work)
    one_by_one = matmul_flops.per_second(lambda: [weights @ c for c in columns], work)
    assert together > 1.5 * one_by_one
    np.testing.assert_allclose(np.stack([weights @ c for c in columns], axis=1), weights @ inputs)


def test_rate_is_the_best_of_several_runs_after_a_warm_up(monkeypatch):
    """假的时钟：三次分别用 4、1、2 秒，取最快的；热身的一次不计。"""
    clock = iter([0, 4, 10, 11, 20, 22])
    monkeypatch.setattr(matmul_flops.time, "perf_counter", lambda: next(clock))
    calls = []
    assert matmul_flops.per_second(lambda: calls.append(1), 5) == 5
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


def test_roofline_has_two_sides():
    """峰值 100、带宽 10：拐点在 10；左边受带宽限制，右边受算力限制。"""
    assert roofline.ridge(100, 10) == 10
    found = [roofline.attainable(x, 100, 10) for x in (0.5, 5, 10, 20)]
    assert found == pytest.approx([5, 50, 100, 100])
    for bad in ((0, 100, 10), (1, 0, 10), (1, 100, 0)):
        with pytest.raises(ValueError, match="必须是有限的正数，收到 0"):
            roofline.attainable(*bad)


def test_kernels_do_what_their_counts_say():
    m, k, n = 6, 5, 4
    (add, *add_counts), (one, *one_counts), (many, *many_counts) = roofline.kernels(
        m, k, n
    ).values()
    columns = many().copy()
    np.testing.assert_allclose(one(), columns[:, 0], rtol=1e-6)
    assert columns.shape == (m, n) and add().shape == (m, k) and add().all()
    assert add_counts == [30, 3 * 30 * 4]  # 三个数组，每个元素加一次
    assert one_counts == [2 * 30, (30 + 5 + 6) * 4]
    assert many_counts == [2 * 30 * 4, (30 + 20 + 24) * 4]


def test_limits_count_the_work_of_the_probes(monkeypatch):
    """假的计时：每份活都用 1 秒。八阶方阵 1,024 FLOP；1 MB 读一遍、写一遍是 2 MB。"""
    monkeypatch.setattr(roofline, "per_second", lambda job, work: work)
    assert roofline.limits(size=8, megabytes=1) == pytest.approx((1_024, 2e6))


def test_untouched_zeros_take_no_memory():
    """所以量带宽的数组要先写满。"""
    process, size = psutil.Process(), 64 << 20
    start = process.memory_info().rss
    zeros = np.zeros(size, np.uint8)
    zeros.sum()
    read = process.memory_info().rss
    zeros[:] = 1
    assert read - start < 0.2 * size or sys.platform != "linux"  # 别的系统读到才分配
    assert process.memory_info().rss - start > 0.8 * size


def test_memory_bound_kernels_stay_far_below_the_peak():
    """访存密集的两个核函数，离矩阵乘差得远；量出的拐点在两类之间。"""
    kernels = roofline.kernels(4_096, 2_048, 256).values()
    rounds = [[matmul_flops.per_second(job, flops) for job, flops, _ in kernels] for _ in range(3)]
    add, vector, matrix = (max(column) for column in zip(*rounds))  # 别的进程只会让它变慢
    intensities = [flops / moved for _, flops, moved in kernels]
    assert add < 0.2 * matrix and vector < 0.5 * matrix
    corner = roofline.ridge(*roofline.limits(size=512, megabytes=32))
    assert intensities[1] < corner < intensities[2]


def test_roofline_figure_puts_decode_under_the_slope_and_prefill_under_the_roof():
    peak_tflops, terabytes = roofline_figure.H100_BF16_TFLOPS, roofline_figure.H100_TB_PER_S
    decode, batch, prefill = (
        roofline.attainable(x, peak_tflops, terabytes) for x in (1, 32, 2_048)
    )
    assert decode == pytest.approx(3.35) and batch == pytest.approx(32 * 3.35)
    assert prefill == 989 and decode / prefill < 0.005
    for label in ("解码，批 1", "解码，批 32", "预填充", "每字节的 FLOP", "TFLOP/s 的上限"):
        assert label in words(roofline_figure.figure())


# 存储


@pytest.mark.parametrize(
    ("path", "memory"),
    [
        ("/data/x", False),
        ("/no-such-mount/a/b", True),
        ("/no-such-mountx", False),
        ("/no-such-mount/disk/a", False),
    ],
)
def test_the_longest_mount_decides(path, memory):
    mounts = {"/": "ext4", "/no-such-mount": "tmpfs", "/no-such-mount/disk": "xfs"}
    assert page_cache.in_memory(path, mounts) is memory
    assert page_cache.in_memory(path, {"/": "ramfs"})
    assert not page_cache.in_memory(path, {})


def resident_share(fd: int, size: int) -> float:
    """文件有多少页在内存里：问内核（mincore），不看时间。"""
    with mmap.mmap(fd, size, flags=mmap.MAP_PRIVATE) as mapped:
        pages = (ctypes.c_ubyte * (size // mmap.PAGESIZE))()
        view = ctypes.c_char.from_buffer(mapped)
        address = ctypes.c_void_p(ctypes.addressof(view))
        failed = ctypes.CDLL(None, use_errno=True).mincore(address, ctypes.c_size_t(size), pages)
        del view
        assert failed == 0, os.strerror(ctypes.get_errno())
        return sum(page & 1 for page in pages) / len(pages)


def is_disk(path) -> bool:
    """块设备上的文件系统：清得掉页缓存，内核也记账。网络盘、FUSE、ZFS 未必。"""
    mounts = {m.mountpoint: m.fstype for m in psutil.disk_partitions(all=True)}
    inside = [m for m in mounts if os.path.commonpath([m, os.path.realpath(path)]) == m]
    return mounts[max(inside, key=len)] in ("ext4", "xfs", "btrfs", "f2fs", "overlay")


def test_cold_reads_come_from_the_device_and_hot_ones_do_not(tmp_path):
    size = 16 << 20
    with open(tmp_path / "file", "w+b") as file:
        file.write(os.urandom(size))
        file.flush()
        fd = file.fileno()
        assert resident_share(fd, size) == 1  # 刚写完，全在页缓存里
        dropped = page_cache.drop_cache(fd) and is_disk(tmp_path)
        assert resident_share(fd, size) < 0.1 or not dropped
        cold_s, cold_mib = page_cache.measured(page_cache.read, fd, 1 << 20, range(16))
        hot_s, hot_mib = page_cache.measured(page_cache.read, fd, 1 << 20, range(16))
        assert resident_share(fd, size) == 1
    assert hot_mib == 0 and cold_s > 0 and hot_s > 0
    assert cold_mib == pytest.approx(16, abs=1) or not dropped


def test_random_cold_reads_move_fewer_bytes_per_second(tmp_path):
    """同一个文件，都不在缓存里：4 KiB 随机读的带宽远不如 1 MiB 顺序读。取几次里最好的。"""
    rates = {}
    with open(tmp_path / "file", "w+b") as file:
        file.write(os.urandom(16 << 20))
        file.flush()
        for size, places in (
            (1 << 20, range(16)),
            (4_096, random.Random(0).sample(range(4_096), 200)),
        ):
            for _ in range(3):
                page_cache.drop_cache(file.fileno())
                seconds, _ = page_cache.measured(page_cache.read, file.fileno(), size, places)
                rates[size] = max(rates.get(size, 0), len(places) * size / seconds)
    assert rates[4_096] < 0.5 * rates[1 << 20] or not is_disk(tmp_path)


def test_read_asks_for_every_place(monkeypatch):
    asked = []
    monkeypatch.setattr(os, "preadv", lambda fd, buffers, at: asked.append((fd, len(*buffers), at)))
    page_cache.read(7, 4_096, [3, 0])
    assert asked == [(7, 4_096, 3 * 4_096), (7, 4_096, 0)]


def test_measured_converts_blocks_of_512_bytes(monkeypatch):
    usage, clock = iter([100, 100 + 2 * 2_048]), iter([5.0, 7.5])
    fake = lambda who: type("usage", (), {"ru_inblock": next(usage)})  # noqa: E731
    monkeypatch.setattr(page_cache, "getrusage", fake)
    monkeypatch.setattr(page_cache.time, "perf_counter", lambda: next(clock))
    assert page_cache.measured(lambda: None) == (2.5, 2)


def test_sync_writes_wait_for_the_device(tmp_path, monkeypatch):
    with open(tmp_path / "file", "w+b") as file:
        lazy, safe = (
            [durable_writes.write_s(file.fileno(), b"x" * 4_096, sync) for _ in range(20)]
            for sync in (False, True)
        )
        assert file.seek(0, os.SEEK_END) == 40 * 4_096
        assert statistics.median(safe) > 3 * statistics.median(lazy) or not is_disk(tmp_path)
        flushed = []
        monkeypatch.setattr(os, "fsync", flushed.append)
        durable_writes.write_s(file.fileno(), b"x", False)
        assert flushed == []
        durable_writes.write_s(file.fileno(), b"x", True)
        assert flushed == [file.fileno()]


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


def test_loopback_times_every_round_and_leaves_nothing():
    before = threading.active_count()
    start = time.perf_counter()
    small, large = loopback.exchange(64, 200), loopback.exchange(1 << 20, 20)
    assert small.sum() + large.sum() < time.perf_counter() - start  # 计的是往返，不是时刻
    assert len(small) == 200 and len(large) == 20 and (small > 0).all()
    assert threading.active_count() == before
    # 小消息量到的是延迟：每秒的字节少得多
    assert (1 << 20) / large.min() > 20 * 64 / np.median(small)


def test_loopback_says_which_round_was_cut(monkeypatch):
    def hang_up(listener, size, rounds):
        listener.accept()[0].close()

    monkeypatch.setattr(loopback, "serve", hang_up)
    with pytest.raises(OSError, match="第 0 次往返：服务器提前断开|reset|Broken"):
        loopback.exchange(64, 3)


def test_all_reduce_pays_for_every_step():
    """四张卡、1 GB/s、每步 1 ms、4 MB：六步 6 ms，每张卡发 6 MB 又是 6 ms。"""
    took = all_reduce_latency.all_reduce_with_latency_s(4e6, 4, 1e9, 1e-3)
    assert took == pytest.approx(12e-3)
    assert all_reduce_latency.all_reduce_with_latency_s(4e6, 4, 1e9, 0) == pytest.approx(6e-3)
    assert all_reduce_latency.half_bandwidth_bytes(4, 1e9, 1e-3) == pytest.approx(4e6)
    assert busbw.all_reduce_busbw(4e6 / took, 4) == pytest.approx(0.5e9)
    with pytest.raises(ValueError, match="step_s 必须是非负的有限数，收到 -1"):
        all_reduce_latency.all_reduce_with_latency_s(1, 2, 1, -1)
    with pytest.raises(ValueError, match="step_s 必须是有限的正数，收到 0"):
        all_reduce_latency.half_bandwidth_bytes(2, 1, 0)


def test_two_parameters_describe_the_published_sweep_only_roughly():
    """两端定参数，中间各点差在三分之一以内；公布的 busbw 到一半，在 4 与 16 MiB 之间。"""
    sizes = [mib * 2**20 for mib in all_reduce_latency.ALLREDUCE_SWEEP_MIB]
    published = [1e9 * rate for rate in all_reduce_latency.ALLREDUCE_SWEEP_BUSBW]
    n, full = 32, published[-1]
    step_s = (2 * 31 / 32 * sizes[0] / published[0] - 2 * 31 / 32 * sizes[0] / full) / 62
    assert step_s == pytest.approx(1.10e-6, rel=0.005)
    ratios = []
    for size, rate in zip(sizes, published):
        took = all_reduce_latency.all_reduce_with_latency_s(size, n, full, step_s)
        assert busbw.all_reduce_busbw(size / took, n) == pytest.approx(rate, rel=1 / 3)
        ratios.append(busbw.all_reduce_busbw(size / took, n) / rate)
    assert 1.25 < min(ratios[1:4]) < max(ratios[1:4]) < 1.35 and ratios[4] < 0.85
    assert published[3] < full / 2 < published[4]
    assert all_reduce_latency.half_bandwidth_bytes(n, full, step_s) / 2**20 < 4
    assert published[0] < full / 90  # 最小的消息不到百分之二


def test_ring_on_sockets_is_latency_bound_for_small_messages():
    rng = np.random.default_rng(0)
    small, large = (
        ring_busbw.best_seconds(list(rng.integers(100, size=(2, n), dtype=np.int32)))
        for n in (256, 65_536)
    )
    assert large < 64 * small  # 数据是 256 倍


def test_the_fastest_ring_counts(monkeypatch):
    """假的时钟：三遍各用 4、1、2 秒，取最快的。"""
    clock = iter([0, 4, 10, 11, 20, 22])
    monkeypatch.setattr(ring_busbw.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(ring_busbw, "ring", lambda vectors: ([sum(vectors)] * 2, [0, 0]))
    assert ring_busbw.best_seconds([np.ones(4), np.ones(4)], repeats=3) == 1


def test_wrong_sums_are_not_timed(monkeypatch):
    monkeypatch.setattr(ring_busbw, "ring", lambda vectors: ([vectors[0], vectors[0]], [0, 0]))
    with pytest.raises(RuntimeError, match="和不对，这次计时作废"):
        ring_busbw.best_seconds([np.ones(4), np.ones(4)])


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


@pytest.mark.parametrize(
    ("failures", "low", "high"), [(1, 0.0253, 5.5716), (3, 0.6187, 8.7673), (10, 4.795, 18.391)]
)
def test_mtbf_interval_is_the_exact_poisson_interval(failures, low, high):
    """期望次数的 95% 区间取自统计手册的泊松表（Garwood）。"""
    shortest, longest = failure_law.mtbf_interval(1_000, failures)
    assert (shortest, longest) == pytest.approx((1_000 / high, 1_000 / low), rel=1e-3)


def test_no_failure_gives_a_lower_bound_only():
    low, high = failure_law.mtbf_interval(1_296, 0)
    assert low == pytest.approx(1_296 / -math.log(0.025)) and high == math.inf
    assert 24 < failure_law.mtbf_interval(7 * 24, 0)[0] < 48  # 一周没坏：不短于一两天
    for bad, message in (((0, 1), "hours"), ((1, -1), "failures"), ((1, 1, 95), "confidence")):
        with pytest.raises(ValueError, match=message):
            failure_law.mtbf_interval(*bad)


def test_interval_covers_the_truth_as_often_as_it_says():
    """两万次模拟，真值落在 95% 区间里的比例；离散分布的区间略偏保守。"""
    failures = np.random.default_rng(0).poisson(12, 20_000)
    intervals = {n: failure_law.mtbf_interval(1_200, n) for n in set(failures.tolist())}
    covered = np.mean([intervals[n][0] <= 100 <= intervals[n][1] for n in failures.tolist()])
    assert 0.95 <= covered < 0.98
    low, high = failure_law.mtbf_interval(54 * 24, 419)
    assert low > 0.9 * 3.09 and high < 1.11 * 3.09  # 419 次：上下各一成
    low, high = failure_law.mtbf_interval(54 * 24, 3)
    assert high > 10 * low


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_weibull_shape_is_recovered(shape):
    gaps = 100 * np.random.default_rng(0).weibull(shape, 20_000)
    assert failure_law.weibull_shape(gaps) == pytest.approx(shape, rel=0.02)


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.5])
def test_survival_agrees_with_scipy(shape):
    law = weibull_min(shape, scale=3.09 / math.gamma(1 + 1 / shape))
    assert law.mean() == pytest.approx(3.09)
    for after in (0, 9):
        expected = law.sf(after + 3) / law.sf(after)
        assert failure_law.survives(after, 3, shape, 3.09) == pytest.approx(expected)
    fresh, old = (failure_law.survives(after, 3, shape, 3.09) for after in (0, 9))
    assert fresh == pytest.approx(old) if shape == 1 else (fresh < old) == (shape < 1)


def test_daly_intervals_are_the_published_ones():
    daly, printed = checkpoint_simulation.daly_interval, checkpoint_simulation.DALY_OPTIMUM_MINUTES
    assert [round(daly(m, 5)) for m in (1_440, 360)] == [117, 57]
    assert round(daly(15, 5), 1) == 9.1 and printed == (117, 57, 9.1)
    assert daly(10, 20) == daly(10, 30) == 10
    with pytest.raises(ValueError, match="save_s 必须是有限的正数，收到 0"):
        daly(10, 0)


@pytest.mark.parametrize("mtbf", [1_440, 360, 15])
def test_daly_interval_minimises_the_exact_loss(mtbf):
    """准确的最优点是 M(1 + W(−e^(−1−δ/M)))，W 是 Lambert 函数，取自 SciPy。"""
    best = mtbf * (1 + lambertw(-math.exp(-1 - 5 / mtbf)).real)
    assert checkpoint_simulation.daly_interval(mtbf, 5) == pytest.approx(best, rel=0.005)
    loss = checkpoint_simulation.exact_loss
    assert loss(best, mtbf, 5, 10) < min(
        loss(0.98 * best, mtbf, 5, 10), loss(1.02 * best, mtbf, 5, 10)
    )
    young = checkpoint_interval.best_interval(mtbf, 5)
    assert young > best and loss(young, mtbf, 5, 10) < loss(best, mtbf, 5, 10) + 0.01


def test_the_valley_is_flat_near_the_best_interval():
    """Llama 3 的故障率，写一次 20 秒：差两成几乎不多丢，差四倍多丢一半以上。"""
    mtbf, save, loss = 11_135.0, 20.0, checkpoint_simulation.exact_loss
    best = checkpoint_interval.best_interval(mtbf, save)
    least = loss(best, mtbf, save)
    for times, more in ((0.8, 1.03), (1.2, 1.03)):
        assert loss(times * best, mtbf, save) < more * least
    assert min(loss(4 * best, mtbf, save), loss(best / 4, mtbf, save)) > 1.5 * least
    rough = checkpoint_interval.best_interval(1.5 * mtbf, 1.5 * save)  # 只准到一位有效数字
    assert loss(rough, mtbf, save) < 1.1 * least


def run_with_failures(
    rng, mtbf: float, interval: float, save: float, restart_s: float, work: float
):
    """一步一步地走：重启、算、写检查点，任何时候都可能坏，坏了退回上一个。返回损失的占比。"""
    clock = done = 0.0
    fail, restarting = rng.exponential(mtbf), True
    while done < work:
        step = restart_s if restarting else interval + save
        if fail > step:
            clock, fail = clock + step, fail - step
            done, restarting = done + (0 if restarting else interval), False
        else:
            clock, fail, restarting = clock + fail, rng.exponential(mtbf), True
    return 1 - done / clock


@pytest.mark.parametrize(("mtbf", "interval"), [(360, 57), (360, 300), (15, 9.1)])
def test_exact_loss_agrees_with_two_simulations(mtbf, interval):
    """两万多次故障，标准误约 0.3 个百分点；四十万次的那个不到 0.1 个。"""
    exact = checkpoint_simulation.exact_loss(interval, mtbf, 5, 10)
    work = 20_000 * mtbf * (1 - exact)
    walked = run_with_failures(np.random.default_rng(0), mtbf, interval, 5, 10, work)
    assert walked == pytest.approx(exact, abs=0.01)
    gaps = np.random.default_rng(1).exponential(mtbf, 400_000)
    simulated = checkpoint_simulation.simulated_loss(gaps, interval, 5, 10)
    assert simulated == pytest.approx(exact, abs=0.004)


def test_simulated_loss_by_hand():
    """运行 100 和 8，重启 10，每段 20 + 5：前一次做完三段，后一次连重启都没做完。"""
    loss = checkpoint_simulation.simulated_loss(np.array([100.0, 8.0]), 20, 5, 10)
    assert loss == pytest.approx(1 - 60 / 108)


def test_first_order_loss_fails_when_failures_are_as_frequent_as_saves():
    exact, first = checkpoint_simulation.exact_loss, checkpoint_interval.lost_share
    assert first(11.1 * 60, 11_135, 20) == pytest.approx(exact(11.1 * 60, 11_135, 20), rel=0.05)
    assert first(9.1, 15, 5) + 10 / 15 > 1 > exact(9.1, 15, 5, 10)
    for bad, message in (
        ((0, 1, 1), "interval_s"),
        ((1, 0, 1), "mtbf_s"),
        ((1, 1, 1, -1), "restart_s"),
    ):
        with pytest.raises(ValueError, match=message):
            exact(*bad)


def test_young_is_still_near_the_best_when_failures_cluster():
    gaps = 360 / math.gamma(1 + 1 / 0.7) * np.random.default_rng(2).weibull(0.7, 400_000)
    losses = {t: checkpoint_simulation.simulated_loss(gaps, t, 5) for t in (30, 60, 120, 300)}
    assert min(losses, key=losses.get) == 60 and losses[300] > 2 * losses[60]
    assert losses[60] < checkpoint_simulation.exact_loss(60, 360, 5)


def test_checkpoint_figure_is_complete():
    for label in (
        "写一次 5 秒",
        "写一次 60 秒",
        "一阶近似",
        "检查点间隔（分钟）",
        "损失的时间（%）",
    ):
        assert label in words(checkpoint_figure.figure())


def test_a_killed_worker_resumes_from_its_checkpoint(tmp_path):
    context = multiprocessing.get_context("spawn")
    file, lives = tmp_path / "checkpoint", []
    for _ in range(2):
        lives.append((*restart.one_life(context, file, 0.5), int(file.read_text())))
    (down, up, first, died, saved), (_, _, resumed, _, _) = lives
    assert first == 0 and resumed == saved and saved % restart.checkpoint_every == 0
    assert 0 <= died - saved <= restart.checkpoint_every and saved > 0
    assert down > 0 and up >= 0.5 and multiprocessing.active_children() == []
    assert [path.name for path in tmp_path.iterdir()] in (
        ["checkpoint"],
        ["checkpoint", "checkpoint.new"],
        ["checkpoint.new", "checkpoint"],
    )


def test_a_worker_that_never_starts_is_killed_and_named(monkeypatch):
    class Stuck:
        log, Array = [], staticmethod(lambda kind, start, lock: list(start))

        def Process(self, target, args, daemon):  # noqa: N802
            return self

        def start(self):
            self.log.append("start")

        def kill(self):
            self.log.append("kill")

        def join(self):
            self.log.append("join")

    clock = iter([0.0, 5.0, 11.0])
    monkeypatch.setattr(restart.time, "monotonic", lambda: next(clock))
    with pytest.raises(TimeoutError, match="10 秒没有做出第一步"):
        restart.one_life(Stuck(), Path("missing"), 0)
    assert Stuck.log == ["start", "kill", "join"]


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


def test_fits_recover_the_parameters_that_made_the_data():
    times = np.array([1, 2, 4, 8, 16, 32.0])
    amdahl = 1 / (0.05 + 0.95 / times)
    assert scaling_fit.fit_amdahl(times, amdahl) == pytest.approx(0.05, rel=1e-4)
    assert scaling_fit.fit_gustafson(times, times - 0.1 * (times - 1)) == pytest.approx(0.1)
    assert scaling_fit.gustafson(32, 0.1) == pytest.approx(0.1 * 1 + 0.9 * 32)
    usl = 50 * times / (1 + 0.03 * (times - 1) + 2e-3 * times * (times - 1))
    assert scaling_fit.fit_usl(times, usl) == pytest.approx((50, 0.03, 2e-3), rel=1e-3)
    noisy = usl * np.random.default_rng(0).normal(1, 0.01, times.size)
    assert scaling_fit.fit_usl(times, noisy) == pytest.approx((50, 0.03, 2e-3), rel=0.2)


def test_fitted_shares_stay_between_zero_and_one():
    times = np.array([1, 2, 4])
    for fit in (scaling_fit.fit_amdahl, scaling_fit.fit_gustafson):
        assert fit(times, np.array([1, 2.2, 4.5])) == pytest.approx(0, abs=1e-6)
        assert fit(times, np.array([1, 0.8, 0.5])) == pytest.approx(1, abs=1e-6)


def test_usl_of_the_spec_benchmark_is_the_published_one():
    """R 包 usl 的 README：α 0.0277285、β 0.0001044、γ 89.995233；拟合值 1,878 最高，在 108。"""
    fitted = scaling_fit.fit_usl(scaling_fit.SPEC_SDM91_LOAD, scaling_fit.SPEC_SDM91_THROUGHPUT)
    assert fitted[:2] == pytest.approx((89.995233, 0.0277285), rel=1e-4)
    assert round(fitted[2], 7) == 0.0001044
    one, contention, crosstalk = fitted
    values = [one * scaling.usl(p, contention, crosstalk) for p in scaling_fit.SPEC_SDM91_LOAD]
    assert [round(v) for v in values] == [90, 1078, 1541, 1850, 1879, 1822, 1646]


def test_amdahl_misses_the_fall_and_few_points_miss_the_end():
    load, rate = np.array(scaling_fit.SPEC_SDM91_LOAD), np.array(scaling_fit.SPEC_SDM91_THROUGHPUT)
    one, *both = scaling_fit.fit_usl(load, rate)
    # Amdahl 的两个参数（一份的吞吐、串行占比），逐个格点找最小二乘
    starts, serials = np.meshgrid(np.linspace(80, 220, 281), np.linspace(0.01, 0.15, 281))
    tried = starts[..., None] * load / (1 + serials[..., None] * (load - 1))
    best = np.unravel_index(np.square(tried - rate).sum(axis=-1).argmin(), starts.shape)
    errors = [tried[best] - rate, one * scaling.usl(load, *both) - rate]
    assert tried[best][-1] == pytest.approx(1_876, abs=2) and (np.diff(tried[best]) > 0).all()
    assert np.square(errors[0]).sum() > 2 * np.square(errors[1]).sum()
    assert abs(errors[0][-1]) > 3 * abs(errors[1][-1])
    for points in (4, 5):
        few = scaling_fit.fit_usl(load[:points], rate[:points])
        assert few[0] * scaling.usl(216, *few[1:]) < 0.8 * rate[-1]


def test_three_loads_are_just_enough():
    times = np.array([1, 4, 16.0])
    usl = 50 * times / (1 + 0.03 * (times - 1) + 2e-3 * times * (times - 1))
    with pytest.warns(OptimizeWarning, match="Covariance"):  # 三个点三个参数，没有余数可估误差
        assert scaling_fit.fit_usl(times, usl) == pytest.approx((50, 0.03, 2e-3), rel=1e-2)


def test_impossible_fits_are_refused():
    with pytest.raises(ValueError, match="loads 至少要有三个不同的值，收到 .*1, 1, 2"):
        scaling_fit.fit_usl([1, 1, 2], [1, 1, 2])
    with pytest.raises(ValueError, match="serial 必须在 0 到 1 之间，收到 2"):
        scaling_fit.gustafson(4, 2)
    with pytest.raises(ValueError, match="times 必须是有限的正数，收到 0"):
        scaling_fit.gustafson(0, 0.5)


def test_strong_and_weak_speedups_divide_the_right_work(monkeypatch):
    """假的计时：一份活 1 秒，进程之间完全不耽误；再让弱扩展的每一轮多花一秒。"""

    def ideal(runs, task, inputs, counts):
        return [len(inputs) / workers + extra for workers in counts]

    extra = 0
    monkeypatch.setattr(own_scaling, "best_of", ideal)
    assert own_scaling.strong(1, 8, (1, 2, 4)) == [1, 2, 4]
    assert own_scaling.weak(1, 4, (1, 2, 4)) == [1, 2, 4]
    extra = 8
    assert own_scaling.strong(1, 8, (1, 2, 4)) == pytest.approx([1, 16 / 12, 16 / 10])
    assert own_scaling.weak(1, 4, (1, 2, 4)) == [1, 2, 4]  # 固定的开销，弱扩展看不见


def test_weak_speedup_is_against_the_single_worker(monkeypatch):
    """p 个进程做 p 份，用时是一个进程的 √p 倍：加速比就是 √p。"""
    slower = lambda runs, task, inputs, counts: [counts[0] ** 0.5]  # noqa: E731
    monkeypatch.setattr(own_scaling, "best_of", slower)
    assert own_scaling.weak(1, 4, (1, 4, 9)) == pytest.approx([1, 2, 3])


def test_the_same_overhead_hurts_strong_scaling_more():
    """每一轮 1 秒固定开销、8 秒活：强扩展拟合出一成多的串行，弱扩展是零。"""
    times = np.array([1, 2, 4, 8])
    strong, weak = 9 / (1 + 8 / times), times * 9 / 9
    assert scaling_fit.fit_amdahl(times, strong) == pytest.approx(1 / 9, rel=1e-3)
    assert scaling_fit.fit_gustafson(times, weak) == 0


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


@pytest.mark.parametrize("work", [1, 3])
def test_coordinated_omission_in_closed_form(work):
    """停摆 S，间隔 g，每个做 w：第一个等 S + w，之后每个少等 g − w，直到追上计划。"""
    stall, gap = 1_000, 5
    sent, planned = coordinated_omission.closed_loop(2_000, gap, work, (5_000, 5_000 + stall))
    late = stall + work - (gap - work) * np.arange(2_000)
    expected = np.sort(np.concatenate([late[late > work], np.full(2_000, work)])[:2_000])
    assert np.sort(planned).tolist() == expected.tolist()
    assert np.sum(sent > work) == 1 and sent.max() == planned.max() == stall + work
    assert np.percentile(sent, 99) == work and np.percentile(planned, 99) > 500


def test_stall_in_the_middle_of_the_work():
    finish = coordinated_omission.finish_ms
    assert finish(0, 10, (10, 50)) == 10  # 停摆之前做完
    assert finish(5, 10, (10, 50)) == 55  # 做了一半停住
    assert finish(20, 10, (10, 50)) == 60  # 停摆中到的
    assert finish(50, 10, (10, 50)) == 60
    sent, planned = coordinated_omission.closed_loop(10, 5, 1, (1_000, 1_100))
    assert sent.tolist() == planned.tolist() == [1] * 10
    with pytest.raises(ValueError, match="every_ms 必须是有限的正数，收到 0"):
        coordinated_omission.closed_loop(10, 0, 1, (0, 1))


def test_serving_metrics_by_hand():
    times = [1.5, 1.6, 1.7, 2.5]
    assert serving_metrics.ttft_s(1, times) == 0.5
    assert serving_metrics.tpot_s(times) == pytest.approx(1 / 3)
    assert serving_metrics.longest_gap_s(times) == pytest.approx(0.8)
    assert serving_metrics.tpot_s([3]) == serving_metrics.longest_gap_s([3]) == 0
    assert serving_metrics.on_time(1, times, 0.5, serving_metrics.tpot_s(times))  # 恰好在时限上
    for slo, met in (((0.5, 0.34), True), ((0.4, 0.34), False), ((0.5, 0.33), False)):
        assert serving_metrics.on_time(1, times, *slo) is met
    requests = [(1, times), (0, times), (1, [1.2])]
    assert serving_metrics.goodput(requests, 4, 0.5, 0.34) == 0.5
    with pytest.raises(ValueError, match="seconds 必须是有限的正数，收到 0"):
        serving_metrics.goodput(requests, 0, 1, 1)
    with pytest.raises(ValueError, match="tpot_slo_s 必须是有限的正数，收到 0"):
        serving_metrics.on_time(1, times, 1, 0)


@given(st.lists(st.floats(0.001, 10), min_size=1, max_size=20), st.floats(0, 10))
def test_ttft_and_tpot_add_up_to_the_whole(gaps, sent):
    times = (sent + np.cumsum(gaps)).tolist()
    whole = serving_metrics.ttft_s(sent, times) + serving_metrics.tpot_s(times) * (len(times) - 1)
    assert whole == pytest.approx(times[-1] - sent, abs=1e-9)
    assert serving_metrics.tpot_s(times) <= serving_metrics.longest_gap_s(times) + 1e-9


def lindley(gaps, services) -> np.ndarray:
    """先到先做的等待，一个式子：累计盈余减去它到目前为止的最小值。"""
    surplus = np.concatenate([[0], np.cumsum(services[:-1] - gaps[1:])])
    return surplus - np.minimum.accumulate(surplus)


def test_simulated_waits_follow_lindley_request_by_request():
    rng = np.random.default_rng(1)
    gaps, services = rng.exponential(1 / 0.7, 3_000), rng.lognormal(-0.5, 1, 3_000)
    np.testing.assert_allclose(
        queueing.simulate(gaps, services), lindley(gaps, services), atol=1e-8
    )


@pytest.mark.parametrize("load", [0.3, 0.6])
def test_waits_agree_with_pollaczek_khinchine(load):
    """四百万个请求，标准误不到百分之一（最不规则的那种）；容差取三倍。"""
    rng, jobs = np.random.default_rng(2), 4_000_000
    gaps = rng.exponential(1 / load, jobs)
    for services, variation in (
        (np.ones(jobs), 0),
        (rng.exponential(1, jobs), 1),
        (rng.gamma(0.25, 4, jobs), 4),
    ):
        waits = lindley(gaps, services).mean()
        assert queueing.pollaczek_khinchine(load, variation) == pytest.approx(waits, rel=0.03)
    assert queueing.pollaczek_khinchine(load, 1) == pytest.approx(load / (1 - load))
    assert queueing.pollaczek_khinchine(load, 0, 3) == pytest.approx(1.5 * load / (1 - load))


def test_overloaded_queues_are_refused():
    for bad, message in (((1, 1), "load 必须小于 1"), ((0, 1), "load"), ((0.5, -1), "variation")):
        with pytest.raises(ValueError, match=message):
            queueing.pollaczek_khinchine(*bad)


def test_server_by_hand():
    """预填充 1 秒，解码一步每个请求 0.1 秒；两个请求一起到，各要三个 token。"""
    alike = {"prefill": lambda tokens: tokens, "decode": lambda contexts: 0.1 * len(contexts)}
    (_, a), (_, b) = serving.serve([0, 0], [1, 1], [3, 3], most=2, **alike)
    assert a == pytest.approx([1, 2.2, 2.4]) and b == pytest.approx([2, 2.2, 2.4])
    (_, a), (_, b) = serving.serve([0, 0], [1, 1], [3, 3], most=1, **alike)
    assert a == pytest.approx([1, 1.1, 1.2]) and b == pytest.approx([2.2, 2.3, 2.4])
    seen = []
    serving.serve([0, 9], [5, 7], [3, 1], 2, lambda t: t, lambda c: seen.append(c) or 0.1)
    assert seen == [[6], [7]]  # 上下文 = 输入 + 已生成


def test_server_with_one_token_each_is_the_queue_with_a_formula():
    """每个请求只要一个 token：就是一台先到先做的服务器，逐个请求与 Lindley 相同。"""
    rng = np.random.default_rng(3)
    gaps, prompts = rng.exponential(1 / 0.6, 2_000), rng.exponential(1, 2_000)
    done = serving.serve(np.cumsum(gaps), prompts, [1] * 2_000, 8, lambda tokens: tokens)
    waits = [serving_metrics.ttft_s(*request) for request in done] - prompts
    np.testing.assert_allclose(waits, lindley(gaps, prompts), atol=1e-8)


def test_an_idle_server_gives_the_roofline_times():
    """2ND/(F·MFU)；一个请求的解码一步 ≈ 权重和 KV cache 读一遍。"""
    ((sent, times),) = serving.serve([5], [1_000], [3], most=64)
    assert serving_metrics.ttft_s(sent, times) == pytest.approx(2 * 70e9 * 1e3 / (8 * 989e12 * 0.4))
    read = 140e9 + 1_001.5 * 2 * 80 * 8 * 128 * 2
    assert serving_metrics.tpot_s(times) == pytest.approx(read / (8 * 3.35e12), rel=1e-6)


def test_a_decode_step_reads_every_context_once():
    read = 140e9 + 4_000 * 2 * 80 * 8 * 128 * 2
    assert serving.decode_s([1_000, 3_000]) == pytest.approx(read / (8 * 3.35e12))


def test_a_long_prefill_stalls_everyone_who_is_decoding():
    (_, alone), (_, stalled) = (
        serving.serve(sent, [1_000, 8_000], [100, 100], 64)[0] for sent in ([0], [0, 0.3])
    )
    prefill = serving.prefill_s(8_000)
    assert serving_metrics.longest_gap_s(stalled) == pytest.approx(prefill, rel=0.05)
    assert serving_metrics.longest_gap_s(alone) < 0.05 * prefill
    assert serving_metrics.tpot_s(stalled) < 2 * serving_metrics.tpot_s(alone)  # 平均值看不出


def test_goodput_falls_while_throughput_still_rises():
    throughput, good, met = [], [], []
    for rate in (14, 16):
        arrivals, prompts, outputs = serving_load.offered(rate, 1_000)
        done = serving.serve(arrivals, prompts, outputs, most=64)
        assert [len(times) for _, times in done] == outputs.tolist()
        end = max(times[-1] for _, times in done)
        throughput.append(1_000 / end)
        good.append(serving_metrics.goodput(done, end, *serving_load.slo_s))
        met.append(good[-1] / throughput[-1])
    assert throughput[1] > throughput[0] and good[1] < 0.6 * good[0] and met[0] > 0.85
    assert max(throughput) < serving_load.most_requests_per_s(1_000, 200, 64)


def test_capacity_bound_by_hand():
    """预填充 44.2 ms；199 步解码，每步读一遍权重，64 个请求分摊。"""
    bound = 1 / (2 * 70e9 * 1e3 / (8 * 989e12 * 0.4) + 199 * 140e9 / (8 * 3.35e12) / 64)
    assert serving_load.most_requests_per_s(1_000, 200, 64) == pytest.approx(bound)


def test_offered_load_has_the_stated_means():
    """十万个样本，标准误约千分之三。"""
    arrivals, prompts, outputs = serving_load.offered(5, 100_000)
    assert 100_000 / arrivals[-1] == pytest.approx(5, rel=0.02)
    assert prompts.mean() == pytest.approx(1_000, rel=0.02) and prompts.min() >= 1
    assert outputs.mean() == pytest.approx(200, rel=0.02) and outputs.min() >= 1
