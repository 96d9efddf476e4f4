import contextlib
import inspect
import multiprocessing
import os
import random
import signal
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

import numpy as np
import psutil
import pytest
import ray

from coding.compute import (
    break_even,
    exercise,
    idempotent,
    killed_worker,
    pool,
    ray_cluster,
    ray_locality,
    ray_pool,
    ray_retries,
    ray_tasks,
    speed_up,
    task_error,
    when_pool_wins,
    word_count,
)
from coding.compute import solution as reference
from infrastructure.performance import scaling


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
    square, inputs = when_pool_wins.square, list(range(10_000))
    batched, one_by_one = (
        statistics.median(when_pool_wins.pool_over_loop(square, inputs, 2, batch) for _ in range(3))
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


def reciprocal(x):
    return 1 / x


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_every_failing_input_is_named_and_the_rest_of_its_batch_is_done(batch):
    rng = random.Random(batch)
    items = [rng.choice([0, 1, 2, 4]) for _ in range(20)]
    with pytest.raises(ExceptionGroup, match=f"20 个任务中有 {items.count(0)} 个失败") as caught:
        task_error.named_map(reciprocal, items, workers=2, batch=batch)
    named = [str(failure) for failure in caught.value.exceptions]
    assert named == [
        f"第 {number} 个输入 0：ZeroDivisionError('division by zero')"
        for number, item in enumerate(items)
        if item == 0
    ]
    assert all("in reciprocal" in f.__notes__[0] for f in caught.value.exceptions)
    good = [item for item in items if item]
    assert task_error.named_map(reciprocal, good, 2, batch) == [1 / item for item in good]


def test_plain_map_does_not_name_the_input():
    with ProcessPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError) as caught:
        list(pool.map(task_error.tokens_per_s, ["512,4", "300,0"]))
    assert "300" not in str(caught.value)


class TwoPartError(Exception):
    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")


def two_part_failure(x):
    raise TwoPartError(x, "自定义")


def test_exception_that_cannot_be_unpickled_breaks_a_plain_pool_but_is_named():
    """构造函数的参数与 args 对不上，异常送得出去，还原不了。"""
    with ProcessPoolExecutor(1) as pool, pytest.raises(BrokenProcessPool):
        list(pool.map(two_part_failure, [7]))
    with pytest.raises(ExceptionGroup) as caught:
        task_error.named_map(two_part_failure, [7], 1, 1)
    assert "第 0 个输入 7：TwoPartError('7 自定义')" in str(caught.value.exceptions[0])


def test_limit_turns_waiting_for_ever_into_an_error():
    run, task = killed_worker.outcome, killed_worker.fatal_at_three
    waited, waited_s = run(killed_worker.with_multiprocessing, task, range(6), 2, 2.0)
    broken, broken_s = run(killed_worker.with_futures, task, range(6), 2)
    assert (waited, broken) == ("TimeoutError", "BrokenProcessPool")
    assert broken_s < waited_s
    assert killed_worker.with_multiprocessing(task, [5, 1, 4], 2, 60) == [25, 1, 16]
    assert killed_worker.with_futures(task, [5, 1, 4], 2) == [25, 1, 16]


def test_pool_replaces_the_worker_and_forgets_the_task():
    with multiprocessing.Pool(2) as pool:
        with pytest.raises(multiprocessing.TimeoutError):
            pool.map_async(killed, [0]).get(timeout=1)
        assert pool.map_async(abs, [-3, 2]).get(timeout=60) == [3, 2]


def test_broken_executor_stays_broken():
    with ProcessPoolExecutor(1) as pool:
        with pytest.raises(BrokenProcessPool):
            pool.submit(killed, 0).result(60)
        with pytest.raises(BrokenProcessPool):
            pool.submit(abs, -3)


def test_timeout_of_a_future_only_stops_waiting():
    with ProcessPoolExecutor(1) as pool:
        slow = pool.submit(time.sleep, 1)
        with pytest.raises(TimeoutError):
            slow.result(timeout=0.05)
    assert slow.done() and slow.exception() is None, "离开 with 时等它做完了"


def test_leaving_a_multiprocessing_pool_ends_a_stuck_task():
    with multiprocessing.Pool(1) as pool, pytest.raises(multiprocessing.TimeoutError):
        worker = psutil.Process(pool.apply(os.getpid))
        pool.map_async(time.sleep, [600]).get(timeout=0.5)
    assert not worker.is_running()


@pytest.mark.parametrize("moment", ["写到一半", "写完还没回报"])
@pytest.mark.parametrize("victim", [0, 2])
def test_only_the_renamed_result_survives_a_retry(moment, victim):
    lines = [f"{task} {task * task}\n" for task in range(3)]
    assert idempotent.run(idempotent.replace, 3, victim, moment) == "".join(lines)
    twice = lines[victim] if moment == "写完还没回报" else f"{victim} "
    expected = "".join([*lines[:victim], twice, *lines[victim:]])
    assert idempotent.run(idempotent.append, 3, victim, moment) == expected


def test_reader_never_sees_half_a_result(tmp_path):
    seen = []

    def look(moment):
        seen.append((moment, [path.read_text() for path in tmp_path.glob("*.done")]))

    for _ in range(2):
        idempotent.replace(tmp_path, 3, look)
    assert seen == [
        ("写到一半", []),
        ("写完还没回报", ["3 9\n"]),
        ("写到一半", ["3 9\n"]),
        ("写完还没回报", ["3 9\n"]),
    ]


def test_best_run_of_each_worker_count_is_kept(monkeypatch):
    times = iter([3.0, 5.0, 2.0, 6.0])
    monkeypatch.setattr(speed_up, "seconds", lambda *_: next(times))
    assert speed_up.best_of(2, len, [], (0, 1)) == [2.0, 5.0]


@pytest.mark.parametrize("times", [2, 4, 64])
@pytest.mark.parametrize("crosstalk", [0, 0.003, 0.1])
def test_crosstalk_inverts_the_published_law(times, crosstalk):
    speedup = scaling.usl(times, 0.05, crosstalk)
    assert speed_up.crosstalk_from(speedup, times, 0.05) == pytest.approx(crosstalk, abs=1e-12)
    assert speed_up.crosstalk_from(times, times, 0.05) == 0  # 比 Amdahl 还快，只能是测量误差


def test_more_workers_than_cores_waste_the_rest():
    many = 4 * os.cpu_count()
    heavy = [300_000] * many
    loop_s, one_s, many_s = speed_up.best_of(2, when_pool_wins.sum_to, heavy, (0, 1, many))
    assert scaling.efficiency(loop_s / many_s, many) < scaling.efficiency(loop_s / one_s, 1) / 2


def test_shipping_data_costs_more_than_an_empty_task():
    data = [bytes(4_000_000) for _ in range(40)]  # 同一个对象在一段里只打包一次
    (shipping_s,) = speed_up.best_of(5, len, data, (2,))
    (empty_s,) = speed_up.best_of(5, len, [b""] * 40, (2,))
    assert shipping_s > 1.5 * empty_s


def skewed_words(seed, size=2_000):
    rng = random.Random(seed)
    return [rng.choice(["热", "热", f"词{rng.randrange(50)}"]) for _ in range(size)]


@pytest.mark.parametrize("combine", [False, True])
@pytest.mark.parametrize(("hot", "salts"), [(set(), 1), ({"热"}, 5), ({"热", "词1"}, 3)])
@pytest.mark.parametrize("partitions", [1, 7])
def test_every_plan_counts_like_counter(combine, hot, salts, partitions):
    words = skewed_words(partitions)
    counts, loads, _ = word_count.word_count(words, 2, partitions, hot, salts, combine)
    assert counts == Counter(words)
    assert len(loads) == partitions
    assert sum(loads) < len(words) / 2 if combine else sum(loads) == len(words)


def test_combining_beats_salting_and_salting_alone_sends_more():
    words = skewed_words(0)
    plans = {
        name: word_count.word_count(words, 2, 4, hot, salts, combine)
        for name, hot, salts, combine in (
            ("plain", set(), 1, False),
            ("salted", {"热"}, 16, False),
            ("combined", set(), 1, True),
            ("both", {"热"}, 16, True),
        )
    }
    slowest = {name: max(loads) for name, (_, loads, _) in plans.items()}
    sent = {name: size for name, (_, _, size) in plans.items()}
    assert slowest["plain"] >= words.count("热")  # 同一个键的记录都在一个分区
    assert slowest["combined"] < slowest["salted"] < slowest["plain"] / 2
    assert sent["combined"] < sent["both"] < sent["plain"] < sent["salted"]


def test_bytes_are_those_of_the_text_lines():
    _, loads, size = word_count.word_count(["a", "b", "a"], 1, 1)
    assert (loads, size) == ([3], len(b"a 1\nb 1\na 1\n"))


def test_salt_mark_in_a_word_is_refused():
    with pytest.raises(ValueError, match="词里不能有 #.*'c#'"):
        word_count.map_block(["c", "c#"], 2, set(), 1, False)


def test_partition_is_the_same_in_every_process():
    """hash() 每次启动换种子；CRC 不换，重试的任务才会把键送到同一个分区。"""
    words = [f"词{i}" for i in range(30)]
    crc = f"from coding.compute import word_count as w; print([w.partition_of(x, 7) for x in {words}])"
    builtin = f"print([hash(x) % 7 for x in {words}])"
    seen = {
        code: {
            subprocess.run(
                [sys.executable, "-c", code],
                env=os.environ | {"PYTHONHASHSEED": seed},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        for code in (crc, builtin)
    }
    assert [len(outputs) for outputs in seen.values()] == [1, 2]
    assert seen[crc] == {f"{[word_count.partition_of(word, 7) for word in words]}\n"}


# ---- 练习 resilient_map：带 solution 的测试也检查读者的文件（--solution）----


def test_stub_and_reference_promise_the_same():
    stub, answer = exercise.resilient_map, reference.resilient_map
    assert inspect.signature(stub) == inspect.signature(answer)
    assert exercise.TaskError.__doc__ == reference.TaskError.__doc__
    with pytest.raises(NotImplementedError, match="请实现"):
        stub([], abs, 1, 1, 1)


@contextlib.contextmanager
def alarm(action, after_s):
    """到时间在主线程里执行 action；pytest-timeout 用同一个定时器，最后还给它。"""
    handler = signal.signal(signal.SIGALRM, lambda *_: action())
    left_s, _ = signal.setitimer(signal.ITIMER_REAL, after_s)
    started = time.monotonic()
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, handler)
        spent_s = time.monotonic() - started
        signal.setitimer(signal.ITIMER_REAL, max(left_s - spent_s, 1) if left_s else 0)


def is_tracker(process) -> bool:
    """multiprocessing 自己的辅助进程，程序结束时才退出；已经没了的也不必管。"""
    with contextlib.suppress(psutil.NoSuchProcess):
        return "resource_tracker" in " ".join(process.cmdline())
    return False


def call(solution, function, items, workers=2, attempts=2, timeout_s=60, after=None):
    """调用 resilient_map；半分钟还不返回、留下进程，都算失败。"""

    def stuck():
        pytest.fail("resilient_map 一直不返回：每次等待都要有时限", pytrace=False)

    before = set(psutil.Process().children())
    try:
        with after or alarm(stuck, 30):
            return solution.resilient_map(function, items, workers, attempts, timeout_s)
    finally:
        started = [
            process
            for process in set(psutil.Process().children()) - before
            if not is_tracker(process)
        ]
        _, alive = psutil.wait_procs(started, timeout=2)
        for process in alive:
            process.kill()
        assert not alive, f"返回之后还有 {len(alive)} 个进程：在 finally 里 kill，再 join"


def success(solution, why, *arguments, **limits) -> list:
    """应当做成的调用；why 说明为什么。"""
    try:
        return call(solution, *arguments, **limits)
    except solution.TaskError as error:
        return pytest.fail(f"{why}，却报错：{error}", pytrace=False)


def failure(solution, *arguments, **limits) -> str:
    """应当失败的调用，返回 TaskError 的消息。"""
    try:
        result = call(solution, *arguments, **limits)
    except solution.TaskError as error:
        return str(error)
    return pytest.fail(f"有任务失败，应当抛出 TaskError，却返回了 {result}", pytrace=False)


def act(folder, parent, item):
    """照剧本演：第几次执行，就演第几幕，演完了重演最后一幕。每次执行留下一个文件。"""
    if os.getpid() == parent:
        raise AssertionError("任务跑在主进程里：它被杀，整个程序就没了，要放进别的进程")
    number, script = item
    played = len(list(folder.glob(f"{number}-*")))
    (folder / f"{number}-{played}").touch(exist_ok=False)
    scene = script[min(played, len(script) - 1)]
    if scene == "杀":
        os.kill(os.getpid(), signal.SIGKILL)
    if scene == "卡":
        time.sleep(600)
    if scene == "错":
        raise ValueError("剧本要求出错")
    time.sleep(0.01 if scene == "慢" else 0)
    return number * number


def played(folder, number) -> int:
    return len(list(folder.glob(f"{number}-*")))


def test_results_equal_the_list_comprehension(solution, tmp_path):
    items = [(number, ("慢",) if number % 3 == 0 else ("成",)) for number in range(9)]
    results = call(solution, partial(act, tmp_path, os.getpid()), items, workers=3)
    assert results == [n * n for n in range(9)], "结果要按输入的顺序，与谁先算完无关"
    assert call(solution, abs, []) == [], "没有任务，返回空列表"
    doubled = call(solution, len, [[1], [1], {}, [2, 3]], workers=8)
    assert doubled == [1, 1, 0, 2], "输入会重复，也可能不能做字典的键：用序号记，不要用输入记"
    empty = call(solution, {"有": None}.get, ["有", "没有"])
    assert empty == [None, None], "None 也是结果，不能拿它表示“还没做完”"


def test_result_larger_than_the_pipe_comes_back(solution):
    results = call(solution, bytes, [3_000_000, 1, 2_000_000], timeout_s=20)
    assert [len(result) for result in results] == [3_000_000, 1, 2_000_000], (
        "管道装不下大结果：先收结果，再等进程结束，反过来会互相等"
    )


def meet(folder, parties, item):
    """等到 parties 个任务同时在场，返回在场的最多人数。"""
    (folder / f"{item}").touch()
    deadline, most = time.monotonic() + 20, 0
    while most < parties and time.monotonic() < deadline:
        most = max(most, len(list(folder.iterdir())))
        time.sleep(0.01)
    time.sleep(0.3)
    most = max(most, len(list(folder.iterdir())))
    (folder / f"{item}").unlink()
    return most


def test_as_many_run_at_once_as_there_are_workers(solution, tmp_path):
    together = call(solution, partial(meet, tmp_path, 2), [1, 2, 3, 4], workers=2)
    assert max(together) >= 2, "workers 是 2，却没有两个任务同时在跑"
    assert max(together) <= 2, "同时在跑的任务多于 workers"


def test_exception_names_its_input_and_is_not_retried(solution, tmp_path):
    items = [(0, ("成",)), (1, ("错", "成")), (2, ("慢",))]
    message = failure(solution, partial(act, tmp_path, os.getpid()), items, attempts=3)
    assert repr(items[1]) in message, f"消息要写明是哪个输入，只有：{message}"
    assert "剧本要求出错" in message, f"消息要写明原因，只有：{message}"
    assert played(tmp_path, 1) == 1, "代码抛出的异常重做还会抛，不要重试"


def test_exception_that_cannot_be_unpickled_still_names_its_input(solution):
    message = failure(solution, two_part_failure, [7, 7])
    assert "7" in message and "自定义" in message, (
        "有的异常送得出去，还原不了：在工作进程里先变成文字"
    )


def test_killed_worker_costs_only_its_own_task(solution, tmp_path):
    items = [(number, ("杀", "成") if number == 3 else ("成",)) for number in range(6)]
    task, why = partial(act, tmp_path, os.getpid()), "进程被杀之后，要重做它的任务"
    results = success(solution, why, task, items, workers=1)
    assert results == [n * n for n in range(6)], why
    runs = [played(tmp_path, number) for number in range(6)]
    assert runs == [1, 1, 1, 2, 1, 1], f"做完的任务不要重做，各任务执行了 {runs} 次"


def test_task_that_always_kills_is_given_up_by_name(solution, tmp_path):
    items = [(0, ("成",)), (1, ("杀",)), (2, ("成",)), (3, ("慢",))]
    message = failure(solution, partial(act, tmp_path, os.getpid()), items, attempts=3)
    assert repr(items[1]) in message, (
        f"消息要写明是哪个输入弄死了进程，只有：{message}。"
        "几个任务共用一个池时分不清是谁：一次尝试单独一个进程，就分得清"
    )
    assert played(tmp_path, 1) == 3, f"attempts 是 3，却执行了 {played(tmp_path, 1)} 次"


def test_hanging_task_is_killed_and_retried(solution, tmp_path):
    items = [(0, ("成",)), (1, ("卡", "成"))]
    task, why = partial(act, tmp_path, os.getpid()), "卡住的那次结束之后，要重做"
    assert success(solution, why, task, items, timeout_s=2) == [0, 1], why


def test_task_that_always_hangs_is_given_up_by_name(solution, tmp_path):
    items = [(0, ("卡",)), (1, ("成",))]
    task = partial(act, tmp_path, os.getpid())
    message = failure(solution, task, items, workers=1, timeout_s=1)
    assert repr(items[0]) in message, f"消息要写明是哪个输入卡住了，只有：{message}"
    assert played(tmp_path, 0) == 2, f"attempts 是 2，却执行了 {played(tmp_path, 0)} 次"


def test_waiting_in_the_queue_is_not_hanging(solution):
    why = "timeout_s 只管一次尝试，从它开始执行算起，不算排队"
    limits = {"workers": 1, "attempts": 1, "timeout_s": 2.5}
    assert success(solution, why, time.sleep, [0.8] * 4, **limits) == [None] * 4, why


def test_interrupt_leaves_no_process(solution, tmp_path):
    seen = []

    def interrupt():
        if seen:
            pytest.fail("被 Ctrl-C 打断之后不返回：离开前要结束卡住的进程", pytrace=False)
        seen.append(signal.setitimer(signal.ITIMER_REAL, 60))
        raise KeyboardInterrupt

    items = [(number, ("卡",)) for number in range(3)]
    task = partial(act, tmp_path, os.getpid())
    with pytest.raises(KeyboardInterrupt):
        call(solution, task, items, timeout_s=600, after=alarm(interrupt, 1))


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 0), ("attempts", 0), ("timeout_s", 0), ("timeout_s", -1)]
)
def test_bad_arguments_are_refused(solution, name, value):
    with pytest.raises(ValueError) as caught:
        call(solution, abs, [1], **{name: value})
    assert name in str(caught.value), f"消息要写明参数 {name}，只有：{caught.value}"
    assert str(value) in str(caught.value), f"消息要写明收到的 {value}，只有：{caught.value}"


def ending(script, attempts) -> str:
    """一个任务的结局，只看剧本：第一个不是“杀”的幕；次数先用完，就是“杀”。"""
    return next((scene for scene in script[:attempts] if scene != "杀"), "杀")


def test_random_faults_never_change_the_result(solution, tmp_path):
    rng, seen = random.Random(5), Counter()
    for case in range(250):
        folder = tmp_path / f"{case}"
        folder.mkdir()
        workers, attempts = rng.randint(1, 3), rng.randint(1, 3)
        items = []
        for number in range(rng.randint(0, 5)):
            kills = rng.choice((0, 0, 0, 1, 1, 2)) if attempts > 1 else rng.random() < 0.1
            items.append((number, ("杀",) * kills + tuple(rng.choices("成慢错", (7, 4, 1)))))
        lost = [item for item in items if ending(item[1], attempts) in "错杀"]
        story = f"第 {case} 个故障序列 {items}，workers={workers}，attempts={attempts}"
        task = partial(act, folder, os.getpid())
        if lost:
            message = failure(solution, task, items, workers, attempts)
            assert any(repr(item) in message for item in lost), f"{story}：没写明输入：{message}"
        else:
            why = f"{story}：每个任务都做得成（别的任务弄坏进程，不算它的尝试）"
            results = success(solution, why, task, items, workers, attempts)
            assert results == [number * number for number, _ in items], f"{story}：结果不对"
        runs = max((played(folder, number) for number, _ in items), default=0)
        assert runs <= attempts, f"{story}：有任务执行了 {runs} 次，超过 attempts"
        seen["失败" if lost else "成功"] += 1
        seen["成功前被杀"] += not lost and any("杀" in script for _, script in items)
    assert min(seen.values()) >= 50, f"故障序列不够多样：{seen}"


@pytest.fixture(scope="class")
def cluster():
    """一个集群供整组测试用。类结束时就关掉，别的测试不会在带着 Ray 线程的进程里 fork。"""
    start = time.perf_counter()
    pool.distribute(list(range(1, 10_001)), workers=4)
    pool_s = time.perf_counter() - start
    with ray_cluster.local_cluster(nodes=3) as cluster:
        cluster.pool_s, cluster.start_s = pool_s, time.perf_counter() - start - pool_s
        yield cluster


@pytest.mark.xdist_group("ray")
class TestRay:
    @pytest.fixture
    def journal(self, cluster):
        head = {"ray.io/node-id": cluster.head_node.node_id}
        return ray_tasks.Journal.options(label_selector=head).remote()

    def test_nodes_are_separate_processes_with_their_own_addresses(self, cluster):
        raylets = [p.pid for p in psutil.Process().children() if p.name() == "raylet"]
        nodes = [node for node in ray.nodes() if node["Alive"]]
        assert len(set(raylets)) == 4
        assert {node["NodeName"] for node in nodes} == {"head", "node0", "node1", "node2"}
        assert len({node["NodeManagerPort"] for node in nodes}) == 4
        assert all(node["NodeManagerAddress"].startswith("127.") for node in nodes)

    def test_stranger_without_the_token_is_refused(self, cluster):
        stranger = f"import ray; ray._raylet.GcsClient(address={cluster.address!r})"
        refused = subprocess.run(
            [sys.executable, "-c", stranger],
            env=os.environ
            | {"RAY_AUTH_TOKEN": "wrong", "RAY_gcs_rpc_server_connect_timeout_s": "1"},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert refused.returncode and "InvalidAuthToken" in refused.stderr

    def test_pool_on_ray_equals_the_serial_sums(self, cluster):
        serial = [sum(x * x for x in range(1 + 40 * i, 41 + 40 * i)) for i in range(3)]
        assert ray_pool.distribute_on_ray(list(range(1, 121)), workers=3) == serial

    def test_pool_workers_that_hold_a_cpu_spread_over_the_nodes(self, cluster):
        with ray_pool.Pool(3, ray_remote_args=ray_pool.one_cpu) as workers:
            homes = workers.map(ray_pool.where, range(3), chunksize=1)
        assert sorted(homes) == sorted(node.node_id for node in cluster.worker_nodes)

    def test_starting_a_cluster_costs_more_than_a_small_job_on_one_machine(self, cluster):
        assert cluster.pool_s < cluster.start_s / 2

    def test_pool_on_ray_wants_a_cpu_for_each_worker(self, cluster):
        with pytest.raises(ValueError, match="only 3 CPUs"):
            ray_pool.distribute_on_ray([1, 2, 3, 4], workers=4)

    def test_random_faults_never_change_the_result(self, cluster, journal):
        """每个任务照剧本失败若干次：抛异常或被 SIGKILL。结果与顺序执行逐个相同。"""
        rng = random.Random(5)
        scripts = ["".join(rng.choices("成错杀", (7, 3, 1), k=2)) + "成" for _ in range(40)]
        play = ray.remote(max_retries=3, retry_exceptions=[OSError])(by_script)
        refs = [play.remote(journal, i, script) for i, script in enumerate(scripts)]
        assert ray.get(refs, timeout=120) == [i * i for i in range(40)]
        starts = Counter(part for part, _ in ray.get(journal.read.remote()))
        faults = Counter("".join(script[: script.index("成")] for script in scripts))
        assert min(faults["错"], faults["杀"]) >= 5, f"故障不够多样：{faults}"
        assert sum(starts.values()) == 40 + faults.total()

    @pytest.mark.parametrize(
        ("scene", "error"), [("杀", "WorkerCrashedError"), ("错", r"RayTaskError(OSError)")]
    )
    def test_retries_run_out(self, cluster, journal, scene, error):
        play = ray.remote(max_retries=1, retry_exceptions=[OSError])(by_script)
        with pytest.raises((ray.exceptions.RayError, OSError)) as caught:
            ray.get(play.remote(journal, 7, scene * 9), timeout=60)
        assert type(caught.value).__name__ == error
        assert len(ray.get(journal.read.remote())) == 2

    def test_exception_in_pool_is_not_retried_and_keeps_its_type(self, cluster, journal):
        outcome = ray_retries.outcome(journal, 7, "抛异常", ray_retries.by_pool, max_task_retries=3)
        assert outcome == "OSError，开工 1 次"

    def test_tasks_run_where_their_data_lies(self, cluster):
        homes = [node.node_id for node in cluster.worker_nodes] * 2
        blocks = [made_on(home, seed) for seed, home in enumerate(homes)]
        ray.wait(blocks, num_returns=6, timeout=60, fetch_local=False)
        before = ray_locality.copies(blocks)
        assert [copy["node_ids"] for copy in before] == [[home] for home in homes]
        for seed, (block, home) in enumerate(zip(blocks, homes)):
            expected = int(np.random.default_rng(seed).integers(0, 1_000, 1_000_000).sum())
            assert ray.get(ray_locality.total.remote(block), timeout=60) == (home, expected)
        assert ray_locality.moved_mb(before, ray_locality.copies(blocks)) == 0

    def test_node_lost_in_the_middle_of_a_job(self, cluster, journal):
        """放在最后：它让集群少一个节点。做出来的数据能重做，放进去的不能。"""
        victim = next(iter(cluster.worker_nodes))
        block = made_on(victim.node_id, seed=3)
        on_victim = {"ray.io/node-id": victim.node_id}
        (put,) = ray.get(ray.remote(label_selector=on_victim)(puts_by_itself).remote(), timeout=60)
        ray.wait([block], timeout=60, fetch_local=False)
        parts = pool.split(list(range(1, 101)), 9)
        refs = [ray_tasks.partial_sum.remote(journal, i, part) for i, part in enumerate(parts)]
        deadline = time.monotonic() + 30
        while not (running := ray.get(journal.read.remote(victim.node_id))):
            assert time.monotonic() < deadline, "没有任务派到这个节点"
        raylet = victim.all_processes["raylet"][0].process.pid
        processes = psutil.Process(raylet).children(recursive=True)
        ray_tasks.power_off(cluster, victim)
        deadline = time.monotonic() + 5  # 只杀 raylet，忙着的工作进程八秒后还在
        while [p for p in processes if in_session(p, os.getsid(0))]:
            assert time.monotonic() < deadline, "掉电后还有进程在干活"
        assert ray.get(refs, timeout=120) == [sum(x * x for x in part) for part in parts]
        starts = [part for part, _ in ray.get(journal.read.remote())]
        assert starts.count(running[-1][0]) == 2
        node, value = ray.get(ray_locality.total.remote(block), timeout=60)
        assert node != victim.node_id
        assert value == np.random.default_rng(3).integers(0, 1_000, 1_000_000).sum()
        with pytest.raises(ray.exceptions.OwnerDiedError):
            ray.get(put, timeout=60)

    def test_cluster_needs_a_node(self):
        with (
            pytest.raises(ValueError, match="nodes 必须是正整数，收到 0"),
            ray_cluster.local_cluster(nodes=0),
        ):
            pass


def by_script(journal, number: int, script: str) -> int:
    """第几次开工，就演剧本的第几幕。"""
    start = ray.get(journal.add.remote(number))
    scene = script[start - 1]
    if scene == "杀":
        os.kill(os.getpid(), signal.SIGKILL)
    if scene == "错":
        raise OSError(f"任务 {number} 第 {start} 次失败")
    return number * number


def made_on(node_id: str, seed: int):
    return ray_locality.make.options(
        scheduling_strategy=ray_locality.On(node_id, soft=True)
    ).remote(seed)


def puts_by_itself():
    return [ray.put(np.arange(200_000))]


@pytest.mark.xdist_group("ray")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_cluster_leaves_nothing(tmp_path, stop):
    program = """
import os, signal, time, ray
from coding.compute.ray_cluster import local_cluster
signal.signal(signal.SIGINT, signal.default_int_handler)  # 后台的 shell 让子进程忽略 Ctrl-C
with local_cluster(nodes=1):
    ref = ray.remote(lambda: time.sleep(60)).remote()
    ray.wait([ref], timeout=3)
    print(os.environ["RAY_TMPDIR"], flush=True)
    time.sleep(60)
"""
    home, tmp = tmp_path / "home", tmp_path / "tmp"
    home.mkdir(), tmp.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"HOME": str(home), "TMPDIR": str(tmp)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        folder = process.stdout.readline().strip()
        process.send_signal(stop)
        assert process.wait(60) != 0
        left = [p.name() for p in psutil.process_iter() if in_session(p, process.pid)]
        assert not left, f"留下了进程 {left}"
        assert folder.startswith("/tmp/ray") and not os.path.exists(folder)
        assert not [*home.iterdir(), *tmp.iterdir()]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()


def in_session(process, session: int) -> bool:
    """已经退出、只等父进程收尸的不算。"""
    with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
        return os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE
    return False
