import itertools
import math
import random
import re
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import pytest
import ray
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from coding.compute import ray_cluster
from infrastructure.scheduling import (
    backfill,
    combined,
    compare,
    continuous_batching,
    easy_backfill,
    erlang,
    fragmentation,
    gang,
    job_trace,
    metrics,
    night_nodes,
    paged_kv,
    policies,
    pooling,
    preemption,
    quota,
    ray_gang,
    ray_placement,
    simulator,
    static_or_pool,
    tradeoff,
)
from infrastructure.scheduling.job_trace import Job

simulate = simulator.simulate


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


# --- Erlang C ---


@pytest.mark.parametrize("load", [0.05, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("servers", [1, 3, 20, 300])
def test_share_that_must_wait_is_erlang_c(load, servers):
    """由 scipy 的泊松分布写出 Erlang C：P(X = c) ÷ (P(X = c) + (1 − ρ) P(X < c))。"""
    busy = poisson.pmf(servers, load * servers)
    expected = busy / (busy + (1 - load) * poisson.cdf(servers - 1, load * servers))
    assert erlang.must_wait(load, servers) == pytest.approx(expected)


@pytest.mark.parametrize("wait", [0.01, 0.1, 1.0, 20.0])
def test_fullest_load_in_closed_form(wait):
    """一台：W/S = ρ/(1 − ρ)。两台：W/S = ρ²/(1 − ρ²)。"""
    assert erlang.fullest_load(wait, 1) == pytest.approx(wait / (1 + wait))
    assert erlang.fullest_load(wait, 2) == pytest.approx(math.sqrt(wait / (1 + wait)))


def test_pooling_lets_servers_run_fuller():
    """64 台合成一池，等待同样短，负载从不到一成升到九成以上。"""
    loads = [erlang.fullest_load(0.1, servers) for servers in (1, 4, 16, 64)]
    assert loads == sorted(loads) and loads[0] < 0.1 and loads[-1] > 0.9
    busy = [erlang.must_wait(0.8, servers) for servers in (1, 4, 16, 64)]
    assert busy == sorted(busy, reverse=True)


def test_erlang_refuses_bad_input():
    with pytest.raises(ValueError, match="load 必须大于 0 且小于 1，收到 1"):
        erlang.must_wait(1, 4)
    with pytest.raises(ValueError, match="servers 必须是正整数，收到 0"):
        erlang.must_wait(0.5, 0)
    with pytest.raises(ValueError, match="wait 必须是正数，收到 0"):
        erlang.fullest_load(0, 4)


# --- 仿真器：与排队论的闭式对照 ---


def agrees(values, expected):
    """均值与闭式相差不到四个标准误差。相邻作业的等待相关，所以分二十批，由批均值估计误差。

    标准误差本身不到闭式的一成：样本够多，差一倍的公式过不去。
    """
    batch = len(values) // 20
    means = [mean(values[i * batch : (i + 1) * batch]) for i in range(20)]
    error = stdev(means) / math.sqrt(20)
    assert error < 0.1 * expected
    assert abs(mean(means) - expected) < 4 * error


def stream(count, rate, hours, gpus=1, seed=0, priorities=(0,)):
    """泊松到达的作业，时长由 hours(rng) 给出。"""
    rng, now, jobs = random.Random(seed), 0.0, []
    for i in range(count):
        now += rng.expovariate(rate)
        run = hours(rng)
        jobs.append(Job(str(i), now, gpus, run, run, "", rng.choice(priorities)))
    return jobs


def exponential(rng):
    return rng.expovariate(1)


@pytest.mark.parametrize("servers", [1, 4])
def test_first_come_first_served_is_m_m_c(servers):
    tasks = simulate(stream(20_000, 0.6 * servers, exponential), servers, policies.fcfs)
    agrees([metrics.wait_h(task) for task in tasks], erlang_c_wait(0.6, servers))


def test_priorities_wait_as_cobham_says():
    """M/M/1，两级各占一半，不抢占：W₁ = ρ/(1 − ρ₁)，W₂ = ρ/((1 − ρ₁)(1 − ρ))。"""
    jobs = stream(20_000, 0.6, exponential, priorities=(0, 1))
    tasks = simulate(jobs, 1, policies.priority)
    for level, expected in ((0, 0.6 / 0.7), (1, 0.6 / (0.7 * 0.4))):
        agrees([metrics.wait_h(task) for task in tasks if task.job.priority == level], expected)


def test_preempted_class_stays_as_long_as_theory_says():
    """M/M/1 抢占续做：低级的停留是 1/((1 − ρ₁)(1 − ρ))，高级的只见到自己：1/(1 − ρ₁)。"""
    jobs = stream(20_000, 0.6, exponential, priorities=(0, 1))
    tasks = simulate(jobs, 1, combined.urgent_first)
    for level, expected in ((0, 1 / 0.7), (1, 1 / (0.7 * 0.4))):
        stays = [t.end_h - t.job.arrival_h for t in tasks if t.job.priority == level]
        agrees(stays, expected)


def test_elastic_sharing_is_processor_sharing():
    """人人平分时，平均停留是 S/(1 − ρ)，只看均值；时长固定，先到先得只要 S (1 + ρ/(2(1 − ρ)))。"""
    jobs = stream(5_000, 0.5, lambda rng: 1.0, gpus=60)
    for policy, expected in ((policies.elastic, 1 / 0.5), (policies.fcfs, 1 + 0.5 / (2 * 0.5))):
        tasks = simulate(jobs, 60, policy)
        agrees([task.end_h - task.job.arrival_h for task in tasks], expected)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=25), st.integers(1, 4))
def test_simulator_equals_the_heap_on_one_gpu_jobs(pairs, gpus):
    """另一份实现：static_or_pool.run 用堆算等待，不用 SimPy。"""
    pairs = sorted(pairs)
    jobs = [Job(str(i), at, 1, hours, hours) for i, (at, hours) in enumerate(pairs)]
    waits, _ = static_or_pool.run(pairs, gpus)
    assert [metrics.wait_h(task) for task in simulate(jobs, gpus, policies.fcfs)] == waits


def test_continuous_batching_is_a_pool_with_slots_for_gpus():
    rng = random.Random(2)
    lengths = [rng.randint(1, 200) for _ in range(100)]
    jobs = [Job(str(i), 0, 1, length, length) for i, length in enumerate(lengths)]
    tasks = simulate(jobs, 8, policies.fcfs)
    assert max(t.end_h for t in tasks) == continuous_batching.continuous_steps(lengths, 8)


# --- 仿真器：随机的提交记录上，任何策略都要守的界 ---

TENANTS = {"一": 3, "二": 4, "三": 1}
POLICIES = {
    "static": policies.static(TENANTS),
    "fcfs": policies.fcfs,
    "priority": policies.priority,
    "easy": easy_backfill.easy,
    "urgent_first": combined.urgent_first,
    "urgent_then_easy": combined.urgent_then_easy,
    "quota": quota.quota(TENANTS),
    "elastic": policies.elastic,
}
PREEMPTING = {"urgent_first", "urgent_then_easy", "quota", "elastic"}


@st.composite
def traces(draw):
    """八张 GPU 上的作业；每个不超过本租户的份额，静态划分才跑得完。"""
    jobs = []
    for i in range(draw(st.integers(1, 14))):
        tenant = draw(st.sampled_from(list(TENANTS)))
        hours = draw(st.integers(1, 8))
        claimed = hours + draw(st.integers(0, 5))
        gpus = draw(st.integers(1, TENANTS[tenant]))
        arrival, priority = draw(st.integers(0, 20)), draw(st.integers(0, 1))
        jobs.append(Job(str(i), arrival, gpus, hours, claimed, tenant, priority))
    return sorted(jobs, key=lambda job: job.arrival_h)


def held_at(task, moment):
    return next((n for at, n in reversed(task.log) if at <= moment), 0)


@pytest.mark.parametrize("name", POLICIES)
@settings(max_examples=40)
@given(jobs=traces(), checkpoint_h=st.sampled_from([0, 1, 3]), restart_h=st.sampled_from([0, 0.25]))
def test_bounds_that_hold_for_every_policy(name, jobs, checkpoint_h, restart_h):
    tasks = simulate(jobs, 8, POLICIES[name], checkpoint_h, restart_h)
    assert [task.job for task in tasks] == jobs
    for task in tasks:
        job, times = task.job, [at for at, _ in task.log]
        assert times == sorted(times) and times[0] >= job.arrival_h
        assert task.log[-1] == (task.end_h, task.held) == (task.end_h, 0)
        assert task.end_h >= job.arrival_h + job.hours - 1e-9
        # 守恒：占用的 GPU 小时 = 要做的 + 白算的；没有被抢占就没有白算
        steps = zip(task.log, task.log[1:])
        used = sum(n * (end - at) for (at, n), (end, _) in steps)
        assert used == pytest.approx(job.gpus * (job.hours + task.lost_h))
        evicted = sum(n == 0 for _, n in task.log[:-1])
        assert task.lost_h <= evicted * (max(checkpoint_h, restart_h) + restart_h)
        assert evicted == 0 or name in PREEMPTING
        if name != "elastic":
            assert {n for _, n in task.log} == {0, job.gpus}
    for moment in {at for task in tasks for at, _ in task.log}:
        assert sum(held_at(task, moment) for task in tasks) <= 8
        for tenant, own in TENANTS.items():
            mine = sum(held_at(task, moment) for task in tasks if task.job.tenant == tenant)
            assert mine <= own or name != "static"
    bound = metrics.makespan_bound_h(jobs, 8)
    assert max(task.end_h for task in tasks) >= bound - 1e-9
    assert bound >= max(sum(job.gpus * job.hours for job in jobs) / 8, max(j.hours for j in jobs))


@given(traces())
def test_queue_order_is_kept_without_backfill(jobs):
    starts = [task.log[0][0] for task in simulate(jobs, 8, policies.fcfs)]
    assert starts == sorted(starts)


@given(traces())
def test_head_of_the_queue_waits_only_when_it_does_not_fit(jobs):
    """不做无用的等待：队首还在等，说明空闲的不够它用。elastic 更强：有人没拿够就一张不剩。"""
    for name in ("fcfs", "easy"):
        tasks = simulate(jobs, 8, POLICIES[name])
        for moment in {at for task in tasks for at, _ in task.log}:
            free = 8 - sum(held_at(task, moment) for task in tasks)
            waiting = [t for t in tasks if t.job.arrival_h <= moment < t.log[0][0]]
            assert not waiting or waiting[0].job.gpus > free
    tasks = simulate(jobs, 8, policies.elastic)
    for moment in {at for task in tasks for at, _ in task.log}:
        wanted = sum(t.job.gpus for t in tasks if t.job.arrival_h <= moment < t.end_h)
        assert sum(held_at(task, moment) for task in tasks) == min(8, wanted)


@given(traces())
def test_elastic_shares_differ_by_at_most_one(jobs):
    tasks = [preemption.Task(job) for job in jobs]
    shares = policies.elastic(tasks, 8, 0)
    hungry = [n for task, n in shares.items() if n < task.job.gpus]
    assert max(shares.values()) <= min(hungry, default=8) + 1


@given(traces())
def test_urgent_jobs_see_only_each_other(jobs):
    urgent = [job for job in jobs if job.priority == 0]
    alone = [(task.job, task.end_h) for task in simulate(urgent, 8, policies.fcfs)]
    among = simulate(jobs, 8, combined.urgent_first)
    assert [(task.job, task.end_h) for task in among if task.job.priority == 0] == alone


@given(traces())
def test_urgent_job_is_held_up_by_urgent_jobs_only(jobs):
    tasks = simulate(jobs, 8, combined.urgent_then_easy)
    urgent = [task for task in tasks if task.job.priority == 0]
    for moment in {at for task in tasks for at, _ in task.log}:
        waiting = [t for t in urgent if t.job.arrival_h <= moment < t.log[0][0]]
        room = 8 - sum(held_at(task, moment) for task in urgent)
        assert not waiting or waiting[0].job.gpus > room
    assert all(len(task.log) == 2 for task in urgent)  # 急的不被抢占


@given(traces())
def test_jobs_within_the_quota_never_wait(jobs):
    """本组同时要的从不超过份额，就像独占一样；份额之外的才要等。"""
    small = {tenant: own for tenant, own in TENANTS.items() if tenant != "一"}
    calm = [job for job in jobs if job.tenant == "一"]
    for tenant in small:
        end = 0
        for job in (job for job in jobs if job.tenant == tenant):
            if job.arrival_h > end:  # 一次只有一个
                calm.append(job)
                end = job.arrival_h + job.hours
    calm.sort(key=lambda job: job.arrival_h)
    for task in simulate(calm, 8, POLICIES["quota"]):
        assert task.job.tenant == "一" or metrics.wait_h(task) == 0


def test_impossible_job_is_named():
    with pytest.raises(ValueError, match="作业 大 要 9 张，允许 1 到 8 张"):
        simulate([Job("大", 0, 9, 1, 1)], 8, policies.fcfs)
    with pytest.raises(RuntimeError, match="策略一直不给：大"):
        simulate([Job("大", 0, 5, 1, 1, "一")], 8, policies.static({"一": 3, "二": 5}))


# --- EASY 回填 ---


def earliest_h(running, free, need, now):
    """按申报的时长，最早何时有 need 张空闲：逐个结束时刻去试，与片段的扫描写法不同。"""
    for moment in sorted({now, *(end for end, _ in running)}):
        if free + sum(n for end, n in running if end <= moment) >= need:
            return moment
    raise AssertionError("作业比集群大")


@given(traces())
def test_easy_never_delays_the_reserved_start_of_the_head(jobs):
    promised = {}

    def watched(tasks, gpus, now):
        shares = easy_backfill.easy(tasks, gpus, now)
        waiting = [task for task in tasks if task not in shares]
        if waiting:
            running = [
                ((task.log[-1][0] if task.held else now) + task.job.claimed_h, n)
                for task, n in shares.items()
            ]
            free = gpus - sum(shares.values())
            start = earliest_h(running, free, waiting[0].job.gpus, now)
            promised.setdefault(waiting[0], []).append(start)
        return shares

    for task in simulate(jobs, 8, watched):
        dates = promised.get(task, [])
        assert dates == sorted(dates, reverse=True)  # 预定只会提前
        assert all(task.log[0][0] <= date for date in dates)


def easy_starts(jobs, gpus):
    return {task.job.name: task.log[0][0] for task in simulate(jobs, gpus, easy_backfill.easy)}


def test_easy_by_hand():
    """甲占五张到第 4 小时，乙要六张，届时还剩两张：丁用剩的，可以拖到以后；戊要三张就不行。"""
    first = [Job("甲", 0, 5, 4, 4), Job("乙", 0, 6, 3, 3)]
    assert easy_starts([*first, Job("丙", 0, 3, 4, 4)], 8)["丙"] == 0  # 恰好那时结束
    assert easy_starts([*first, Job("丙", 0, 3, 5, 5)], 8)["丙"] == 7
    assert easy_starts([*first, Job("丁", 0, 2, 9, 9)], 8) == {"甲": 0, "乙": 4, "丁": 0}
    both = [*first, Job("丁", 0, 2, 9, 9), Job("戊", 0, 1, 9, 9)]
    assert easy_starts(both, 8)["戊"] == 7  # 剩下的两张丁拿走了，不能再给
    short = [*first, Job("丙", 0, 2, 3, 3), Job("戊", 0, 1, 9, 9)]
    assert easy_starts(short, 8)["戊"] == 0


def test_backfill_can_be_later_than_strict_order_when_claims_are_long():
    """页面的例子：甲提前两小时做完。预定守住了，但丙还占着，乙比严格排队晚。"""
    jobs = [Job("甲", 0, 5, 2, 4), Job("乙", 0, 6, 3, 3)]
    jobs += [Job("丙", 0, 2, 3, 3), Job("戊", 0, 1, 9, 9)]
    strict = simulate(jobs, 8, policies.fcfs)[1].log[0][0]
    assert (strict, easy_starts(jobs, 8)["乙"]) == (2, 3)
    honest = [replace(job, claimed_h=job.hours) for job in jobs]
    assert easy_starts(honest, 8)["乙"] == 2


# --- 抢占、配额 ---


@pytest.mark.parametrize(("checkpoint_h", "restart_h"), [(0.5, 0.1), (2.0, 0.1), (8.0, 0.0)])
def test_mean_loss_is_half_an_interval_and_a_restart(checkpoint_h, restart_h):
    """损失在 0 到一个间隔之间均匀分布，标准差是间隔 ÷ √12；容差取四个标准误差。"""
    rng, losses = random.Random(1), []
    for _ in range(2_000):
        task = preemption.Task(Job("甲", 0, 8, 24, 24), done_h=rng.uniform(0, 24))
        task.evict(checkpoint_h, restart_h)
        losses.append(task.lost_h)
    assert max(losses) <= checkpoint_h + restart_h
    error = checkpoint_h / math.sqrt(12 * len(losses))
    assert mean(losses) == pytest.approx(
        preemption.mean_loss_h(checkpoint_h, restart_h), abs=4 * error
    )


def test_checkpoint_is_never_lost_even_when_evicted_while_restarting():
    task = preemption.Task(Job("甲", 0, 8, 24, 24), done_h=5.5)
    task.evict(2, 0.5)
    assert (task.saved_h, task.lost_h, task.done_h) == (4, 2.0, 3.5)
    task.done_h += 0.25  # 重启到一半又被抢占
    task.evict(2, 0.5)
    assert (task.saved_h, task.lost_h, task.done_h) == (4, 2.25, 3.5)


def test_pause_without_loss():
    task = preemption.Task(Job("甲", 0, 8, 24, 24), done_h=5.5)
    task.evict(0, 0)
    assert (task.saved_h, task.lost_h, task.done_h) == (5.5, 0, 5.5)
    with pytest.raises(ValueError, match="checkpoint_h 必须是非负的有限数，收到 -1"):
        task.evict(-1, 0)


def test_smallest_running_job_makes_room():
    jobs = [Job("大", 0, 6, 9, 9, "", 1), Job("小", 0, 2, 9, 9, "", 1), Job("急", 1, 1, 1, 1)]
    ends = {task.job.name: task.end_h for task in simulate(jobs, 8, combined.urgent_first)}
    assert ends == {"大": 9, "小": 10, "急": 2}


def test_late_comers_of_the_same_rank_do_not_jump_the_queue():
    jobs = [
        Job("甲", 0, 6, 4, 4, "", 1),
        Job("乙", 1, 8, 1, 1, "", 1),
        Job("丙", 2, 1, 1, 1, "", 1),
    ]
    ends = {task.job.name: task.end_h for task in simulate(jobs, 8, combined.urgent_first)}
    assert ends == {"甲": 4, "乙": 5, "丙": 6}
    filled = {task.job.name: task.end_h for task in simulate(jobs, 8, combined.urgent_then_easy)}
    assert filled == {"甲": 4, "乙": 5, "丙": 3}


def test_borrowed_gpus_come_back_at_once_and_the_borrower_resumes():
    """二组来之前一组两个一起跑，来的那一刻要回去；二组做完，一组接着跑，不从头来。"""
    jobs = [Job("甲", 0, 2, 6, 6, "一"), Job("乙", 0, 2, 6, 6, "一"), Job("丙", 3, 2, 2, 2, "二")]
    shares = {"一": 2, "二": 2}
    lent = {t.job.name: t for t in simulate(jobs, 4, quota.quota(shares))}
    assert lent["丙"].log == [(3, 2), (5, 0)]
    assert lent["乙"].log == [(0, 2), (3, 0), (5, 2), (8, 0)]
    fixed = {t.job.name: t for t in simulate(jobs, 4, policies.static(shares))}
    assert fixed["乙"].end_h == 12


# --- 指标 ---


def test_jain_by_its_definition():
    """n 个人里 k 个平分、其余没有，指数是 k/n；与单位无关。"""
    for n in range(1, 6):
        for k in range(1, n + 1):
            values = [0.3] * k + [0.0] * (n - k)
            assert metrics.jain(values) == pytest.approx(k / n)
            assert metrics.jain([7 * x for x in values]) == pytest.approx(k / n)
    variation = stdev([1, 2, 3]) ** 2 * 2 / 3 / 4  # 指数 = 1 ÷ (1 + 变异系数的平方)
    assert metrics.jain([1, 2, 3]) == pytest.approx(1 / (1 + variation))
    for values in ([0.0, 0.0], [-1.0, 2.0]):
        with pytest.raises(ValueError, match="values 要有正数，不能有负数"):
            metrics.jain(values)


def test_metrics_by_hand():
    jobs = [Job("甲", 0, 2, 3, 3), Job("乙", 1, 2, 2, 2)]
    first, second = tasks = simulate(jobs, 2, policies.fcfs)
    assert (metrics.wait_h(first), metrics.wait_h(second)) == (0, 2)
    assert metrics.running_share(tasks) == pytest.approx((3 + 2) / (3 + 4))
    assert metrics.utilisation(tasks, 2) == 1 and metrics.utilisation(tasks, 4) == 0.5
    assert metrics.makespan_bound_h(jobs, 2) == 5 and metrics.makespan_bound_h(jobs, 4) == 3


# --- 八种策略的比较 ---


def test_trace_has_the_mix_it_promises():
    jobs = job_trace.make_jobs(hours=20_000)
    assert jobs == sorted(jobs, key=lambda job: job.arrival_h) and jobs[-1].arrival_h < 20_000
    for tenant, (gap_h, sizes, mean_h, priority) in job_trace.tenants.items():
        mine = [job for job in jobs if job.tenant == tenant]
        assert {job.gpus for job in mine} == set(sizes)
        assert {job.priority for job in mine} == {priority}
        error = 4 / math.sqrt(len(mine))  # 指数分布的标准差等于均值
        assert len(mine) == pytest.approx(20_000 / gap_h, rel=error)
        assert mean(job.hours for job in mine) == pytest.approx(mean_h, rel=error)
    assert all(job.hours <= job.claimed_h <= 3 * job.hours for job in jobs)


def scores(seed):
    jobs = job_trace.make_jobs(seed=seed)
    for name, policy in compare.lineup.items():
        tasks = simulate(jobs, 64, policy, 1.0, 0.1)
        groups = compare.groups(tasks)
        waits = [mean(map(metrics.wait_h, group)) for group in groups]
        fair = metrics.jain([metrics.running_share(group) for group in groups])
        lost = sum(task.lost_h * task.job.gpus for task in tasks)
        evicted = sum(n == 0 for task in tasks for _, n in task.log[:-1])
        wait = mean(map(metrics.wait_h, tasks))
        used = metrics.utilisation(tasks, 64)
        end = max(task.end_h for task in tasks)
        yield name, (wait, waits, fair, used, end, lost, evicted)


@pytest.mark.parametrize("seed", range(3))
def test_what_the_comparison_shows_is_no_accident_of_the_seed(seed):
    table = dict(scores(seed))
    wait = {name: row[0] for name, row in table.items()}
    fair = {name: row[2] for name, row in table.items()}
    used = {name: row[3] for name, row in table.items()}
    end = {name: row[4] for name, row in table.items()}
    assert min(end.values()) >= metrics.makespan_bound_h(job_trace.make_jobs(seed=seed), 64)
    # 静态：预训练等得最久，完工最晚，利用率最低；但比没有回填的池，平均等待反而短
    assert table["静态划分"][1][0] == max(row[1][0] for row in table.values())
    assert end["静态划分"] == max(end.values()) and used["静态划分"] == min(used.values())
    assert wait["静态划分"] < wait["先到先得"]
    # 其余七种：利用率相差不到五个百分点，完工离下界不到一成，等待却相差十倍以上
    rest = [name for name in table if name != "静态划分"]
    assert max(used[name] for name in rest) - min(used[name] for name in rest) < 0.05
    bound = metrics.makespan_bound_h(job_trace.make_jobs(seed=seed), 64)
    assert max(end[name] for name in rest) < 1.1 * bound
    assert max(wait[name] for name in rest) > 10 * min(wait[name] for name in rest)
    # 回填：等待不到先到先得的一半，公平更高
    assert wait["回填"] < wait["先到先得"] / 2 and fair["回填"] > fair["先到先得"]
    # 优先级让急的少等；抢占让急的不等，其余的等得更久；配上回填，两边都好
    urgent, others = 2, 1
    for name in ("优先级", "优先级抢占"):
        assert table[name][1][urgent] < table["先到先得"][1][urgent] / 5
    assert table["优先级抢占"][1][urgent] == pytest.approx(0, abs=0.01)
    assert table["优先级抢占"][1][others] > table["优先级"][1][others]
    both = table["抢占加回填"]
    assert both[1][urgent] == pytest.approx(0, abs=0.01) and both[0] < wait["回填"]
    assert both[5] < table["优先级抢占"][5]  # 白算的卡时
    assert both[1][0] > table["回填"][1][0]  # 代价：预训练等得久一点
    # 配额：两个小租户几乎不等，预训练比先到先得久，比静态短
    assert max(table["能借的配额"][1][1:]) < 1
    big = [table[name][1][0] for name in ("先到先得", "能借的配额", "静态划分")]
    assert big == sorted(big)
    # 弹性：理想情形，平均等待最短
    assert wait["弹性"] == min(wait.values())


def test_longer_interval_between_checkpoints_costs_more():
    jobs = job_trace.make_jobs()
    for policy in (combined.urgent_first, combined.urgent_then_easy):
        runs = [simulate(jobs, 64, policy, checkpoint_h, 0.1) for checkpoint_h in (1, 4, 12)]
        lost = [sum(task.lost_h * task.job.gpus for task in tasks) for tasks in runs]
        waits = [mean(map(metrics.wait_h, tasks)) for tasks in runs]
        assert lost == sorted(lost) and waits[0] < waits[-1]


def test_table_on_the_page_is_the_output():
    root = Path(__file__).parents[2]
    page = (root / "docs/infrastructure/scheduling.md").read_text()
    output = (root / "snippets/infrastructure/scheduling/compare.out").read_text()
    rows = [line for line in page.splitlines() if line[2:].split(" |")[0] in compare.lineup]
    rows = [row for row in rows if row.count("|") == 8]
    lines = [line for line in output.splitlines() if line.split("：")[0] in compare.lineup]
    assert [re.findall(r"[\d.]+", row) for row in rows] == [
        re.findall(r"[\d.]+", line)[:-1] for line in lines
    ]
    assert len(rows) == 8


def test_figure_names_every_policy():
    texts = {n.text for n in ET.fromstring(tradeoff.figure()).iter() if n.tag.endswith("text")}
    assert set(compare.lineup) <= texts


# --- 碎片 ---


def test_placement_by_hand():
    free = [5, 2, 8, 3]
    assert fragmentation.place(free, 3, "spread") == 2
    assert fragmentation.place(free, 3, "first") == 0
    assert fragmentation.place(free, 3, "pack") == 3
    assert fragmentation.place(free, 9, "pack") is None
    with pytest.raises(ValueError, match="rule 必须是 spread、first 或 pack，收到 best"):
        fragmentation.place(free, 1, "best")


def test_job_leaves_before_the_next_one_arrives_at_the_same_moment():
    jobs = [(0.0, 1.0, 4), (1.0, 1.0, 4), (1.5, 1.0, 4)]
    assert list(fragmentation.churn(jobs, 1, 4, "pack")) == [[4], [4], [0]]


@pytest.mark.parametrize("rule", ["spread", "first", "pack"])
def test_servers_are_never_overbooked_and_emptied_in_the_end(rule):
    jobs = fragmentation.small_jobs(2_000, 40)
    last = (jobs[-1][0] + 1_000, 1.0, 1)  # 很久以后，都做完了
    seen = list(fragmentation.churn([*jobs, last], 8, 8, rule))
    assert all(0 <= n <= 8 for free in seen for n in free)
    assert seen[0] == seen[-1] == [8] * 8


def test_occupancy_is_the_offered_load():
    """放得下时没有人等，平均占用是到达率 × 时长 × 张数（M/G/∞，Little 定律）。"""
    jobs = fragmentation.small_jobs(20_000, 50)
    seen = list(fragmentation.churn(jobs, 64, 8, "first"))
    assert mean(64 * 8 - sum(free) for free in seen) == pytest.approx(50, rel=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_packing_keeps_servers_whole(seed):
    jobs, shares, whole = fragmentation.small_jobs(5_000, 0.6 * 128, seed), {}, {}
    for rule in ("spread", "first", "pack"):
        seen = list(fragmentation.churn(jobs, 16, 8, rule))
        assert all(free.count(8) <= sum(free) // 8 for free in seen)
        shares[rule] = mean(8 not in free and sum(free) >= 8 for free in seen)
        whole[rule] = mean(free.count(8) for free in seen)
    assert shares["spread"] > 0.5 and shares["pack"] < 0.05
    assert max(shares["pack"], shares["first"]) < shares["spread"] / 10
    assert min(whole["pack"], whole["first"]) > 10 * whole["spread"]


# --- 真正的 Ray ---


@pytest.fixture(scope="class")
def cluster():
    extra = [{"num_gpus": 2, "resources": {"nvme": 1}}, {"num_gpus": 2}]
    with ray_cluster.local_cluster(nodes=2, extra=extra) as cluster:
        yield cluster


@pytest.mark.xdist_group("ray")
class TestRay:
    def test_strategies_place_bundles_where_they_promise(self, cluster):
        one = {"GPU": 1}
        with ray_placement.reserve([one] * 2, "STRICT_PACK") as group:
            assert len(set(ray_placement.homes(group, 60))) == 1
        with ray_placement.reserve([one] * 2, "STRICT_SPREAD") as group:
            assert sorted(ray_placement.homes(group, 60)) == ["node0", "node1"]
        with ray_placement.reserve([one] * 3, "PACK") as group:
            assert Counter(ray_placement.homes(group, 60)).total() == 3
        with ray_placement.reserve([one | {"nvme": 1}], "PACK") as group:
            assert ray_placement.homes(group, 60) == ["node0"]

    @pytest.mark.parametrize(
        ("bundles", "strategy"),
        [([{"GPU": 1}] * 3, "STRICT_PACK"), ([{"GPU": 1}] * 3, "STRICT_SPREAD")],
    )
    def test_group_that_does_not_fit_holds_nothing(self, cluster, bundles, strategy):
        with ray_placement.reserve(bundles, strategy) as group:
            assert ray_placement.homes(group, 0.5) is None
            with ray_placement.reserve([{"GPU": 1}] * 4, "PACK") as everything:
                assert len(ray_placement.homes(everything, 60)) == 4

    def test_gang_waits_as_a_whole_and_starts_as_a_whole(self, cluster):
        bundles = [{"GPU": 1}] * 3
        with ray_placement.reserve(bundles, "PACK") as second:
            assert len(ray_placement.homes(second, 60)) == 3
            with ray_placement.reserve(bundles, "PACK") as third:
                assert ray_placement.homes(third, 0.5) is None
                assert ray_gang.usable()
                ray.util.remove_placement_group(second)
                assert len(ray_placement.homes(third, 60)) == 3

    def test_two_half_gangs_hold_everything_and_finish_nothing(self, cluster):
        assert ray_gang.one_by_one(["甲", "乙"], need=3, gpus=4) == {"甲": 2, "乙": 2}
        assert ray_gang.usable()  # 都还回来了

    def test_nothing_is_usable_while_a_group_holds_it_all(self, cluster):
        with ray_placement.reserve([{"GPU": 1}] * 4, "PACK") as group:
            assert len(ray_placement.homes(group, 60)) == 4
            assert not ray_gang.usable(timeout_s=1)


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
