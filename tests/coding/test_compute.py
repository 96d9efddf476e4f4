import multiprocessing
import os
import signal
import xml.etree.ElementTree as ET
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest

from coding.compute import break_even, pool, when_pool_wins


def test_total_equals_the_closed_form():
    n = 10_000
    assert sum(pool.distribute(list(range(1, n + 1)), workers=4)) == n * (n + 1) * (2 * n + 1) // 6


def test_parts_keep_order_and_differ_by_at_most_one():
    items = list(range(103))
    parts = pool.split(items, 8)
    assert [x for part in parts for x in part] == items
    assert {len(part) for part in parts} == {12, 13}


def test_partial_sums_come_back_in_order():
    assert pool.distribute([1, 2, 3, 4], workers=4) == [1, 4, 9, 16]


def test_more_workers_than_items():
    assert sum(pool.distribute([3], workers=4)) == 9


@pytest.mark.parametrize("parts", [0, -1])
def test_parts_must_be_positive(parts):
    with pytest.raises(ValueError, match="parts 必须是正整数"):
        pool.split([1, 2], parts)


def test_pool_loses_on_light_tasks():
    """原博客的任务只做一次乘法，进程间通信远比它贵。"""
    batched, one_by_one = (
        when_pool_wins.pool_over_loop(when_pool_wins.square, list(range(10_000)), 2, batch)
        for batch in (1_250, 1)
    )
    assert one_by_one > batched > 1


def test_pool_gains_as_tasks_get_heavier():
    light = when_pool_wins.pool_over_loop(when_pool_wins.sum_to, [10] * 1000, 2, batch=125)
    heavy = when_pool_wins.pool_over_loop(when_pool_wins.sum_to, [1_000_000] * 4, 2, batch=1)
    assert heavy < light


@pytest.mark.parametrize(("tasks", "workers", "batch"), [(10_000, 2, 1_250), (8, 2, 1), (3, 8, 1)])
def test_each_worker_gets_four_batches(tasks, workers, batch):
    assert when_pool_wins.batch_size(tasks, workers) == batch


def test_different_results_are_reported():
    with pytest.raises(RuntimeError, match="结果不同"):
        when_pool_wins.pool_over_loop(pid_of, [0, 1], workers=2, batch=1)


def pid_of(_):
    return os.getpid()


def killed(_):
    os.kill(os.getpid(), signal.SIGKILL)


def test_executor_reports_a_killed_worker_at_once():
    with ProcessPoolExecutor(max_workers=2) as pool, pytest.raises(BrokenProcessPool):
        list(pool.map(killed, range(4)))


def test_multiprocessing_pool_waits_for_a_killed_worker_for_ever():
    with multiprocessing.Pool(2) as pool, pytest.raises(multiprocessing.TimeoutError):
        pool.map_async(killed, range(4)).get(timeout=2)


@pytest.mark.parametrize("workers", [2, 4, 16])
def test_pool_breaks_even_where_communication_is_the_saved_share(workers):
    """c = t(1 − 1/p) 时两者一样快；任务再重，比值也不低于 1/p。"""
    assert break_even.pool_over_loop(1 / (1 - 1 / workers), workers) == pytest.approx(1)
    assert break_even.pool_over_loop(1e9, workers) == pytest.approx(1 / workers)


def test_figure_has_a_labelled_curve_for_each_worker_count():
    texts = {
        node.text for node in ET.fromstring(break_even.figure()).iter() if node.tag.endswith("text")
    }
    assert {"2 个进程", "4 个进程", "16 个进程"} <= texts
