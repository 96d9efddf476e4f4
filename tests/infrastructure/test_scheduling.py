import itertools
import math
import random
from statistics import mean

import pytest

from infrastructure.scheduling import (
    backfill,
    continuous_batching,
    gang,
    night_nodes,
    paged_kv,
    pooling,
    static_or_pool,
)


def erlang_c_wait(load: float, nodes: int) -> float:
    """M/M/c 的平均等待 ÷ 平均服务时间，按阶乘的定义直接写。"""
    offered = load * nodes
    tail = offered**nodes / math.factorial(nodes) / (1 - load)
    must_wait = tail / (sum(offered**k / math.factorial(k) for k in range(nodes)) + tail)
    return must_wait / (nodes * (1 - load))


# --- 静态划分与共享池 ---


def test_queue_by_hand():
    """两个节点、四个作业：第三个等先空出的节点，第四个来时已有空位。"""
    jobs = [(0.0, 4.0), (0.0, 2.0), (1.0, 3.0), (6.0, 1.0)]
    assert static_or_pool.run(jobs, nodes=2) == ([0.0, 0.0, 1.0, 0.0], 7.0)


@pytest.mark.parametrize("nodes", [1, 4, 16])
def test_simulated_waits_agree_with_erlang_c(nodes):
    jobs = static_or_pool.trace(load=0.8, nodes=nodes, hours=1_000_000 / nodes, seed=1)
    waits, _ = static_or_pool.run(jobs, nodes)
    assert mean(waits) / mean(hours for _, hours in jobs) == pytest.approx(
        erlang_c_wait(0.8, nodes), rel=0.05
    )


def demand():
    loads = (1.4, 0.9, 0.7, 0.5)
    return [static_or_pool.trace(load, 4, 720, seed) for seed, load in enumerate(loads)]


def test_trace_has_the_load_it_promises():
    jobs = static_or_pool.trace(load=0.5, nodes=4, hours=100_000, seed=3)
    assert sum(hours for _, hours in jobs) / (4 * 100_000) == pytest.approx(0.5, rel=0.02)
    assert jobs == sorted(jobs)


def test_pool_beats_static_partition_on_the_same_jobs():
    teams = demand()
    alone = [static_or_pool.run(jobs, 4) for jobs in teams]
    everyone = sorted(itertools.chain(*teams))
    waits, finish = static_or_pool.run(everyone, 16)
    assert mean(waits) < mean(wait for waits, _ in alone for wait in waits) / 10
    assert finish < max(end for _, end in alone)
    # 任何调度都越不过的两个下界：总工作量摊到全部节点，最晚那个作业从提交算起
    assert finish >= sum(hours for _, hours in everyone) / 16
    assert finish >= max(submit + hours for submit, hours in everyone)


def test_pool_costs_the_quiet_team():
    """没有配额的池里，闲的组替忙的组排队。"""
    teams = demand()
    everyone = sorted((*job, team) for team, jobs in enumerate(teams) for job in jobs)
    waits, _ = static_or_pool.run([job[:2] for job in everyone], 16)
    shared = mean(wait for wait, job in zip(waits, everyone) if job[2] == 3)
    assert shared > mean(static_or_pool.run(teams[3], 4)[0])


def test_queue_refuses_bad_input():
    with pytest.raises(ValueError, match="nodes 必须是正整数，收到 0"):
        static_or_pool.run([(0.0, 1.0)], 0)
    with pytest.raises(ValueError, match="jobs 必须按提交时刻"):
        static_or_pool.run([(1.0, 1.0), (0.0, 1.0)], 2)


# --- 合池的图 ---


@pytest.mark.parametrize("load", [0.1, 0.5, 0.9, 0.97])
@pytest.mark.parametrize("nodes", [1, 2, 4, 16])
def test_pooling_curve_is_erlang_c(load, nodes):
    assert pooling.wait_over_run(load, nodes) == pytest.approx(erlang_c_wait(load, nodes))


def test_one_node_is_the_textbook_queue():
    assert pooling.wait_over_run(0.8, 1) == pytest.approx(0.8 / 0.2)  # M/M/1：ρ/(1−ρ)


def test_bigger_pool_waits_less_and_by_more_when_quiet():
    for load in (0.3, 0.6, 0.9):
        waits = [pooling.wait_over_run(load, nodes) for nodes in (1, 4, 16)]
        assert waits == sorted(waits, reverse=True)
        assert waits[0] > 10 * waits[2]  # 一个数量级以上


def test_bigger_pool_may_run_fuller_for_the_same_wait():
    loads = [load / 1_000 for load in range(1, 1_000)]
    limits = [max(r for r in loads if erlang_c_wait(r, nodes) <= 0.5) for nodes in (1, 4, 16)]
    assert limits == sorted(limits) and len(set(limits)) == 3
    for nodes, limit in zip((1, 4, 16), limits):
        assert (
            pooling.wait_over_run(limit, nodes) <= 0.5 < pooling.wait_over_run(limit + 0.001, nodes)
        )


@pytest.mark.parametrize("load", [0, 1, 1.2])
def test_pooling_needs_a_stable_load(load):
    with pytest.raises(ValueError, match="load 必须大于 0 且小于 1"):
        pooling.wait_over_run(load, 4)


# --- 成组调度 ---


def test_partial_allocation_deadlocks_and_gang_does_not():
    assert gang.serve({"甲": 3, "乙": 3}, 4, gang=False) == ([], {"甲": 2, "乙": 2})
    assert gang.serve({"甲": 3, "乙": 3}, 4, gang=True) == (["甲", "乙"], {})


def test_every_small_case():
    """成组分配从不卡住；逐张分配在 Σn < G + J 时不会卡住，等号处会。"""
    stuck_at_the_edge = 0
    for gpus in range(1, 7):
        for count in range(1, 4):
            for wanted in itertools.product(range(1, gpus + 1), repeat=count):
                needs = {str(job): need for job, need in enumerate(wanted)}
                done, held = gang.serve(needs, gpus, gang=True)
                assert sorted(done) == sorted(needs) and held == {}
                done, held = gang.serve(needs, gpus, gang=False)
                assert sum(held.values()) <= gpus
                assert bool(held) == (len(done) < len(needs))
                if sum(wanted) < gpus + count:
                    assert not held
                elif sum(wanted) == gpus + count:
                    stuck_at_the_edge += bool(held)
    assert stuck_at_the_edge


@pytest.mark.parametrize("need", [0, 5])
def test_impossible_job_is_refused_at_once(need):
    with pytest.raises(ValueError, match=f"作业 甲 要 {need} 张，允许 1 到 4 张"):
        gang.serve({"甲": need}, 4, gang=True)


# --- 回填 ---

JOBS = [("甲", 3, 4), ("乙", 4, 2), ("丙", 1, 3), ("丁", 1, 6)]


def test_three_policies_by_hand():
    assert backfill.starts(JOBS, 4, "strict") == {"甲": 0, "乙": 4, "丙": 6, "丁": 6}
    assert backfill.starts(JOBS, 4, "greedy") == {"甲": 0, "丙": 0, "丁": 3, "乙": 9}
    assert backfill.starts(JOBS, 4, "backfill") == {"甲": 0, "丙": 0, "乙": 4, "丁": 6}


def test_job_ending_exactly_at_the_reserved_hour_may_go():
    jobs = [("甲", 3, 4), ("乙", 4, 2), ("丙", 1, 4)]
    assert backfill.starts(jobs, 4, "backfill") == {"甲": 0, "乙": 4, "丙": 0}
    jobs[2] = ("丙", 1, 5)
    assert backfill.starts(jobs, 4, "backfill") == {"甲": 0, "乙": 4, "丙": 6}


def test_backfill_delays_nobody_and_never_overbooks():
    rng = random.Random(0)
    gained = starved = 0
    for _ in range(2_000):
        jobs = [(str(i), rng.randint(1, 5), rng.randint(1, 8)) for i in range(rng.randint(1, 8))]
        strict, greedy, filled = (
            backfill.starts(jobs, 5, policy) for policy in ("strict", "greedy", "backfill")
        )
        assert all(filled[name] <= strict[name] for name in strict)
        gained += filled != strict
        starved += any(greedy[name] > strict[name] for name in strict)
        for began in (strict, greedy, filled):
            for moment in began.values():
                running = [n for name, n, h in jobs if began[name] <= moment < began[name] + h]
                assert sum(running) <= 5
    assert gained and starved


def test_backfill_refuses_bad_input():
    with pytest.raises(ValueError, match="policy 必须是 strict、greedy 或 backfill，收到 fifo"):
        backfill.starts(JOBS, 4, "fifo")
    with pytest.raises(ValueError, match="作业 乙 要 4 个节点，允许 1 到 3 个"):
        backfill.starts(JOBS, 3, "strict")


# --- 一台推理服务器的内部 ---


def test_batching_by_hand():
    lengths = [4, 1, 1, 1, 3, 2]
    assert continuous_batching.static_steps(lengths, slots=2) == 4 + 1 + 3
    # 两个位置：4；1、1、1、3；第一个位置再接 2
    assert continuous_batching.continuous_steps(lengths, slots=2) == 6


def test_continuous_batching_stays_inside_grahams_bound():
    rng = random.Random(0)
    for slots in (1, 3, 8):
        for _ in range(50):
            lengths = [rng.randint(1, 100) for _ in range(rng.randint(1, 60))]
            steps = continuous_batching.continuous_steps(lengths, slots)
            assert max(max(lengths), sum(lengths) / slots) <= steps
            assert steps <= sum(lengths) / slots + (1 - 1 / slots) * max(lengths)
            assert steps <= continuous_batching.static_steps(lengths, slots)


def test_equal_lengths_gain_nothing():
    lengths = [7] * 12
    assert continuous_batching.static_steps(lengths, 4) == 21
    assert continuous_batching.continuous_steps(lengths, 4) == 21


@pytest.mark.parametrize(
    "steps", [continuous_batching.static_steps, continuous_batching.continuous_steps]
)
def test_batching_needs_a_slot(steps):
    with pytest.raises(ValueError, match="slots 必须是正整数，收到 0"):
        steps([1], 0)


def test_pages_never_overlap_and_waste_less_than_a_block_each():
    rng = random.Random(0)
    cache = paged_kv.PagedCache(blocks=64, block_tokens=16)
    lengths = {}
    for step in range(3_000):
        request = rng.randrange(12)
        if rng.random() < 0.03 and request in lengths:
            cache.release(request)
            del lengths[request]
        else:
            grown = rng.randint(1, 5)
            try:
                cache.append(request, grown)
                lengths[request] = lengths.get(request, 0) + grown
            except MemoryError:
                assert len(cache.free) * 16 < grown + 16
        assert cache.lengths == lengths, step
        held = [block for table in cache.tables.values() for block in table]
        assert sorted(held + cache.free) == list(range(64))
        for name, table in cache.tables.items():
            assert len(table) == math.ceil(lengths[name] / 16)
    assert held


def test_full_cache_refuses_without_losing_a_block():
    cache = paged_kv.PagedCache(blocks=2, block_tokens=16)
    cache.append(0, 20)
    with pytest.raises(MemoryError, match="还要 1 块，只剩 0 块"):
        cache.append(1)
    assert cache.lengths == {0: 20} and cache.tables.keys() == {0}
    cache.append(0, 12)  # 最后一块里还有空位
    cache.release(0)
    assert sorted(cache.free) == [0, 1]


def test_paging_fits_several_times_more_requests_than_reserving():
    """预留只看最长，分页只看实际：放得下的请求数之比约为 最长 ÷ 平均。"""
    rng = random.Random(5)
    lengths = [rng.randint(1, 500) for _ in range(400)]
    cache = paged_kv.PagedCache(blocks=4_096, block_tokens=16)
    for request, length in enumerate(lengths):
        try:
            cache.append(request, length)
        except MemoryError:
            break
    reserved = 4_096 * 16 // 2_048
    assert len(cache.tables) / reserved == pytest.approx(2_048 / (mean(lengths) + 7.5), rel=0.05)


@pytest.mark.parametrize("blocks, block_tokens", [(0, 16), (4, 0)])
def test_cache_needs_room(blocks, block_tokens):
    with pytest.raises(ValueError, match="必须是正整数"):
        paged_kv.PagedCache(blocks, block_tokens)


# --- 夜间的节点 ---


def test_published_share_of_the_peak():
    """DeepSeek 第六天：平均 226.75 个节点，峰值 278 个，即 81.6%。"""
    share = night_nodes.DEEPSEEK_AVERAGE_NODES / night_nodes.DEEPSEEK_PEAK_NODES
    assert share == pytest.approx(0.816, abs=5e-4)


def test_freed_hours_close_the_day():
    peak, average = night_nodes.DEEPSEEK_PEAK_NODES, night_nodes.DEEPSEEK_AVERAGE_NODES
    paid = 87_072 / (8 * 2)  # 同一页的日成本 87,072 美元，每节点 8 卡，每卡每小时 2 美元
    assert night_nodes.freed_node_hours(peak, average) + paid == pytest.approx(278 * 24)
    assert night_nodes.freed_node_hours(100, 100) == 0


@pytest.mark.parametrize("average", [0, 101])
def test_average_cannot_exceed_the_peak(average):
    with pytest.raises(ValueError, match="average_nodes 必须在 0 与峰值 100 之间"):
        night_nodes.freed_node_hours(100, average)
