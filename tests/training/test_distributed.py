import contextlib
import json
import os
import re
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from training.distributed import (
    accumulation,
    all_reduce_time,
    killed_worker,
    mirrored,
    multi_worker,
    pipeline_chart,
    pipeline_schedule,
    reduced_twice,
    resume,
    ring_all_reduce,
    ring_over_sockets,
    shard_by_work,
    stale_gradients,
    tensor_parallel,
    unsynchronised,
    workers,
    zero,
)


def mirror() -> tf.distribute.MirroredStrategy:
    """tests/training/conftest.py 已经把 CPU 分成两个。

    默认的集合通信在一个进程里只容得下一个 strategy，别的测试文件也会建，所以这里改用点对点归约；
    片段自己运行时用的是默认的集合通信。
    """
    return tf.distribute.MirroredStrategy(
        ["CPU:0", "CPU:1"], cross_device_ops=tf.distribute.ReductionToOneDevice()
    )


# 数据怎样分


@pytest.mark.parametrize("split", ["contiguous", "strided", "greedy"])
@pytest.mark.parametrize("nodes", [1, 3, 8])
def test_every_document_goes_to_exactly_one_node(split, nodes):
    tokens = shard_by_work.document_tokens(100, seed=1)
    parts = getattr(shard_by_work, split)(tokens, nodes)
    assert len(parts) == nodes
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), tokens)


def test_shard_takes_every_nth_document():
    parts = shard_by_work.strided(np.arange(10), 3)
    assert [list(part) for part in parts] == [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    ids = tf.data.Dataset.range(10)
    for i, part in enumerate(parts):  # 与 tf.data 的 shard() 相同
        assert list(ids.shard(3, i).as_numpy_iterator()) == list(part)


@pytest.mark.parametrize("seed", range(4))
def test_splitting_by_work_beats_splitting_by_count(seed):
    tokens = shard_by_work.document_tokens(256, seed)
    ratio = {
        name: shard_by_work.slowest_over_mean(getattr(shard_by_work, name)(tokens, 8))
        for name in ("contiguous", "strided", "greedy")
    }
    assert ratio["contiguous"] > 2 > ratio["strided"] > 1.05 > 1.01 > ratio["greedy"] >= 1
    counts = {len(part) for part in shard_by_work.greedy(tokens, 8)}
    assert len(counts) > 1  # 工作量相等，篇数就不等


def test_slowest_over_mean_is_the_makespan_over_the_ideal():
    parts = [np.array([1, 2]), np.array([6]), np.array([3])]
    assert shard_by_work.slowest_over_mean(parts) == 6 / 4


def test_greedy_is_within_its_known_bound():
    """LPT 的完工时间不超过最优的 4/3 − 1/(3n) 倍（Graham，1969）。"""
    best = 12  # 7+5、6+6、4+4+4
    parts = shard_by_work.greedy(np.array([7, 6, 6, 5, 4, 4, 4]), 3)
    assert best <= max(part.sum() for part in parts) <= best * (4 / 3 - 1 / 9)


def test_nodes_must_be_positive():
    with pytest.raises(ValueError, match="nodes 必须是正整数，收到 0"):
        shard_by_work.greedy(np.arange(4), 0)


def test_shuffling_before_sharding_repeats_samples():
    ids = tf.data.Dataset.range(100)
    shuffled_first = [ids.shuffle(100, seed=i).shard(2, i) for i in (0, 1)]
    sharded_first = [ids.shard(2, i).shuffle(100, seed=i) for i in (0, 1)]
    both = [set(d.as_numpy_iterator()) for d in shuffled_first]
    assert both[0] & both[1] and len(both[0] | both[1]) < 100
    both = [set(d.as_numpy_iterator()) for d in sharded_first]
    assert not both[0] & both[1] and len(both[0] | both[1]) == 100


# 不同步会怎样


def descend(data, epochs, batch, learning_rate):
    """NumPy：每步用所有节点的样本合成一批。"""
    w = np.zeros(data[0][0].shape[1])
    for _ in range(epochs):
        for start in range(0, len(data[0][0]), batch):
            rows = slice(start, start + batch)
            x = np.concatenate([x[rows] for x, _ in data])
            y = np.concatenate([y[rows] for _, y in data])
            w -= learning_rate * 2 * x.T @ (x @ w - y) / len(x)
    return w


@pytest.fixture(scope="module")
def data():
    return unsynchronised.node_data(nodes=3, rows=32, features=5, seed=1)


def test_without_synchronisation_each_node_trains_alone(data):
    replicas = unsynchronised.train(data, 3, 8, 0.05, synchronise=False)
    for weights, own in zip(replicas, data):
        np.testing.assert_allclose(weights, descend([own], 3, 8, 0.05), rtol=1e-12)
    assert unsynchronised.drift(replicas) > 0.05


def test_more_epochs_do_not_bring_the_replicas_together(data):
    late = unsynchronised.train(data, 25, 8, 0.05, synchronise=False)
    assert unsynchronised.drift(late) > 0.05


def test_averaged_gradients_equal_one_large_batch(data):
    replicas = unsynchronised.train(data, 3, 8, 0.05, synchronise=True)
    for weights in replicas:
        np.testing.assert_array_equal(weights, replicas[0])
        np.testing.assert_allclose(weights, descend(data, 3, 8, 0.05), rtol=1e-12)


def test_mean_of_means_is_wrong_for_unequal_shards():
    losses = [np.array([1.0, 1.0, 1.0]), np.array([5.0])]
    everything = np.concatenate(losses)
    assert np.mean([part.mean() for part in losses]) != everything.mean()
    assert sum(part.sum() / everything.size for part in losses) == everything.mean()


def test_drift_is_the_distance_from_the_mean():
    replicas = [np.array([3.0, 1.0]), np.array([3.0, -1.0])]
    assert unsynchronised.drift(replicas) == pytest.approx(1 / 3)


def test_clipping_by_global_norm_belongs_after_the_reduction():
    parts = [tf.constant([3.0, 0.0]), tf.constant([0.0, 0.1])]
    after = tf.clip_by_global_norm([tf.add_n(parts)], 1.0)[0][0]
    before = tf.add_n([tf.clip_by_global_norm([g], 1.0)[0][0] for g in parts])
    assert np.abs(after - before).max() > 0.05


# 梯度怎样合并


@pytest.mark.parametrize("nodes", [1, 2, 3, 8, 128])
@pytest.mark.parametrize("size", [1024, 1000])
def test_ring_gives_everyone_the_sum(nodes, size):
    rng = np.random.default_rng(nodes)
    vectors = [rng.integers(-100, 100, size=size) for _ in range(nodes)]
    before = [vector.copy() for vector in vectors]
    results, sent = ring_all_reduce.ring_all_reduce(vectors)
    for result in results:
        np.testing.assert_array_equal(result, np.sum(before, axis=0))
    np.testing.assert_array_equal(vectors, before)
    assert np.mean(sent) == pytest.approx(2 * (nodes - 1) / nodes * size)  # nccl-tests 的系数
    if size % nodes == 0:
        assert len(set(sent)) == 1


def test_traffic_per_node_stays_below_two_copies():
    vectors = [np.ones(200)] * 200
    assert max(ring_all_reduce.ring_all_reduce(vectors)[1]) < 2 * 200


def test_ring_needs_equal_lengths():
    with pytest.raises(ValueError, match=r"长度必须相同，收到 \[3, 4\]"):
        ring_all_reduce.ring_all_reduce([np.ones(3), np.ones(4)])


# MirroredStrategy


def batch_losses_and_weights(x, y, global_batch, epochs):
    """NumPy：两层 tanh 网络，每步整批，手写反向传播。"""
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.Dense(16, "tanh"), tf.keras.layers.Dense(1)])
    model.build((None, x.shape[1]))
    w1, b1, w2, b2 = (v.numpy().astype(float) for v in model.trainable_variables)
    losses = []
    for _ in range(epochs):
        for start in range(0, len(x) // global_batch * global_batch, global_batch):
            inputs, targets = x[start : start + global_batch], y[start : start + global_batch]
            hidden = np.tanh(inputs @ w1 + b1)
            error = (hidden @ w2 + b2)[:, 0] - targets
            losses.append(np.mean(error**2))
            out = 2 * error[:, None] / global_batch
            back = out @ w2.T * (1 - hidden**2)
            w2 -= 0.1 * hidden.T @ out
            b2 -= 0.1 * out.sum(axis=0)
            w1 -= 0.1 * inputs.T @ back
            b1 -= 0.1 * back.sum(axis=0)
    return losses, np.concatenate([np.ravel(a) for a in (w1, b1, w2, b2)])


@pytest.fixture(scope="module")
def curve():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 4)).astype("float32")
    return x, np.cos(x.sum(axis=1)).astype("float32")


@pytest.mark.parametrize("copied", [False, True], ids=["single", "mirrored"])
def test_training_equals_whole_batch_numpy(curve, copied):
    """80 个样本、每批 32 个：剩下的半批丢掉，两个设备各算 16 个。"""
    strategy = mirror() if copied else tf.distribute.get_strategy()
    losses, copies = mirrored.train(strategy, *curve, global_batch=32, epochs=4)
    expected_losses, expected = batch_losses_and_weights(*curve, 32, 4)
    np.testing.assert_allclose(losses, expected_losses, atol=1e-5)
    assert len(copies) == (2 if copied else 1)
    for copy in copies:
        np.testing.assert_allclose(copy, expected, atol=1e-5)


def test_replicas_stay_bit_identical(curve):
    _, copies = mirrored.train(mirror(), *curve, 16, epochs=5)
    np.testing.assert_array_equal(copies[0], copies[1])


def test_reducing_twice_doubles_sgd_and_hides_in_adam():
    step = {
        (name, by_hand): reduced_twice.update(mirror(), name, by_hand)
        for name in ("SGD", "Adam")
        for by_hand in (False, True)
    }
    assert step["SGD", False] == pytest.approx(0.1 * 2 * 1.0, rel=1e-5)  # 学习率 × d(w²)/dw
    assert step["SGD", True] == pytest.approx(2 * step["SGD", False], rel=1e-5)
    assert step["Adam", True] == pytest.approx(step["Adam", False], rel=1e-4)


def test_dividing_by_the_local_batch_has_the_same_symptom():
    strategy = mirror()
    with strategy.scope():
        weight = tf.Variable(1.0)
        optimizer = tf.keras.optimizers.SGD(0.1)
        optimizer.build([weight])

    def on_each_device():
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(weight**2 * tf.ones(4))  # 本设备四个样本的平均
        optimizer.apply_gradients([(tape.gradient(loss, weight), weight)])

    tf.function(lambda: strategy.run(on_each_device), autograph=False)()
    assert 1 - weight.numpy() == pytest.approx(2 * 0.1 * 2, rel=1e-5)


def test_loop_inside_scope_without_run_is_an_error():
    """原博客 7.2 的写法，补全模型和数据：循环不在任何设备的上下文里，求梯度就报错。"""
    strategy = mirror()
    dataset = tf.data.Dataset.from_tensors({"inputs": tf.ones([4, 3]), "targets": tf.ones([4, 1])})
    with strategy.scope():
        model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
        loss_fn = tf.keras.losses.MeanSquaredError()
        for batch in dataset:
            assert tf.distribute.get_replica_context() is None
            with tf.GradientTape() as tape:
                loss = loss_fn(batch["targets"], model(batch["inputs"]))
            with pytest.raises(ValueError, match="not available outside the replica context"):
                tape.gradient(loss, model.trainable_variables)


def test_mirrored_is_one_machine_and_multi_worker_needs_tf_config(monkeypatch):
    assert "on one machine" in tf.distribute.MirroredStrategy.__doc__.splitlines()[0]
    assert "TF_CONFIG" in tf.distribute.MultiWorkerMirroredStrategy.__doc__
    page = Path(__file__).parents[2] / "docs/training/distributed.md"
    config = re.search(r"TF_CONFIG='([^']+)'", page.read_text())[1]
    monkeypatch.setenv("TF_CONFIG", config)
    resolver = tf.distribute.cluster_resolver.TFConfigClusterResolver()
    assert resolver.cluster_spec().as_dict() == json.loads(config)["cluster"]
    assert (resolver.task_type, resolver.task_id) == ("worker", 0)


# 用时


@pytest.mark.parametrize("ranks", [2, 3, 8, 16])
def test_all_reduce_takes_as_long_as_sending_what_the_ring_sends(ranks):
    """环形算法逐步模拟：每个节点发出的字节，除以带宽。"""
    vectors = [np.ones(12 * ranks * ranks) for _ in range(ranks)]
    _, sent = ring_all_reduce.ring_all_reduce(vectors)
    seconds = all_reduce_time.all_reduce_s(vectors[0].nbytes, ranks, 100.0)
    assert seconds == pytest.approx(max(sent) * vectors[0].itemsize / 100.0)


@given(st.floats(1, 1e15), st.floats(1, 1e15))
def test_ring_time_grows_to_twice_the_data_over_the_bandwidth(size, bandwidth):
    times = [all_reduce_time.all_reduce_s(size, n, bandwidth) for n in (2, 8, 1_024, 10**9)]
    assert times == sorted(times)
    assert times[0] == pytest.approx(size / bandwidth)
    assert all_reduce_time.all_reduce_limit_s(size, bandwidth) == pytest.approx(times[-1])
    assert times[-1] == pytest.approx(2 * size / bandwidth)


def test_published_transfer_times():
    """ml-engineering，network：8 GB 梯度 0.053 秒；800 亿个单精度参数过 200 Gbit/s，12.8 秒。"""
    assert all_reduce_time.all_reduce_limit_s(8e9, 300e9) == pytest.approx(0.053, rel=0.01)
    assert all_reduce_time.transfer_s(80e9 * 4, 200e9) == pytest.approx(12.8)


def test_impossible_links_are_refused():
    for function in (all_reduce_time.transfer_s, all_reduce_time.all_reduce_limit_s):
        with pytest.raises(ValueError, match="_per_s 必须是有限的正数，收到 0"):
            function(1, 0)
    with pytest.raises(ValueError, match="size_bytes 必须是有限的正数，收到 -1"):
        all_reduce_time.all_reduce_s(-1, 2, 1)


# ZeRO


@pytest.mark.parametrize("stage, printed", [(0, 120), (1, 31.4), (2, 16.6), (3, 1.88)])
def test_zero_memory_matches_the_paper(stage, printed):
    """ZeRO 论文表 1：7.5 B 参数，64 个设备。"""
    assert zero.bytes_per_device(7.5e9, 64, stage) / 1e9 == pytest.approx(printed, abs=0.05)


def test_zero_three_fits_a_trillion_parameters():
    assert zero.bytes_per_device(1e12, 1024, 3) / 1e9 == pytest.approx(15.6, abs=0.05)


def test_zero_communication_matches_the_paper():
    """论文 §7：2Ψ、2Ψ、2Ψ、3Ψ；每次 reduce-scatter 或 all-gather 都是 Ψ。"""
    assert [len(zero.collectives[stage]) for stage in range(4)] == [2, 2, 2, 3]
    kept = [step for step in zero.collectives[3] if not step.startswith("反向")]
    assert len(kept) == len(zero.collectives[0]), "前向收集的参数留到反向，通信回到 2Ψ"
    for stage, names in zero.collectives.items():
        assert sum("梯度 reduce-scatter" in name for name in names) == 1
        assert sum("参数 all-gather" in name for name in names) == (0, 1, 1, 2)[stage]


def test_one_device_saves_nothing():
    assert {zero.bytes_per_device(1.0, 1, stage) for stage in range(4)} == {16.0}


def test_plain_data_parallelism_does_not_depend_on_the_devices():
    assert {zero.bytes_per_device(1.0, devices) for devices in (1, 2, 1_024)} == {16.0}
    with pytest.raises(ValueError, match="devices 不能小于 1，收到 0"):
        zero.bytes_per_device(1.0, 0, 3)


@given(st.floats(1, 1e13), st.integers(1, 10**5))
def test_later_stages_never_need_more(parameters, devices):
    needs = [zero.bytes_per_device(parameters, devices, stage) for stage in range(4)]
    assert needs == sorted(needs, reverse=True)


@pytest.mark.parametrize("stage", [-1, 4])
def test_stage_must_exist(stage):
    with pytest.raises(ValueError, match=f"stage 必须是 0、1、2、3，收到 {stage}"):
        zero.bytes_per_device(1.0, 2, stage)


def test_llama_parallel_degrees_use_every_gpu():
    facts = (Path(__file__).parents[2] / "docs/appendix/facts.md").read_text()

    def value(name):
        cell = re.search(rf"#{name} \}} \| ([^|]+) \|", facts)[1]
        return [int(n.replace(",", "")) for n in re.findall(r"[\d,]+", cell)]

    assert [np.prod(value("LLAMA3_TP_PP_DP"))] == value("LLAMA3_TRAINING_GPUS")


# 几个进程


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def alive(pids: list[int]) -> list[int]:
    """还在的进程；收过尸的才算没了。"""
    found = []
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            found.append(pid)
    return found


def test_free_ports_are_free_and_distinct():
    ports = workers.free_ports(20)
    assert len(set(ports)) == 20
    with socket.create_server(("127.0.0.1", ports[0])):
        assert ports[0] not in workers.free_ports(5)


def test_workers_learn_the_cluster_and_their_place():
    ports = workers.free_ports(3)
    code = "import os; print(os.environ['TF_CONFIG'], os.environ['no_proxy'])"
    with workers.started(python(code), ports) as jobs:
        printed = workers.outputs(jobs, limit_s=30)
    for index, line in enumerate(printed):
        config, proxy = line.rsplit(maxsplit=1)
        assert json.loads(config) == {
            "cluster": {"worker": [f"127.0.0.1:{port}" for port in ports]},
            "task": {"type": "worker", "index": index},
        }
        assert proxy == "127.0.0.1"  # 否则设了代理的机器上 gRPC 连不上自己，一直等


def test_one_failure_ends_the_others_at_once():
    """1 号出错，0 号还要睡一小时：错误原样报上来，谁也没留下。"""
    code = "import os, sys, time; '1}' in os.environ['TF_CONFIG'] and sys.exit('坏了'); time.sleep(3600)"
    began = time.monotonic()
    with (
        pytest.raises(workers.WorkerError) as error,
        workers.started(python(code), workers.free_ports(2)) as jobs,
    ):
        workers.outputs(jobs, limit_s=60)
    assert time.monotonic() - began < 50  # 没有等到时限
    assert error.value.args == (1, 1, "坏了\n")
    assert not alive([job.pid for job, *_ in jobs])


def test_the_cause_is_the_worker_killed_by_a_signal():
    """1 号被杀，0 号随后也报错退出：原因是 1 号。"""
    code = "import os; '1}' in os.environ['TF_CONFIG'] and os.kill(os.getpid(), 9); 1 / 0"
    with workers.started(python(code), workers.free_ports(2)) as jobs:
        for job, *_ in jobs:
            job.wait(30)
        with pytest.raises(workers.WorkerError) as error:
            workers.outputs(jobs, limit_s=30)
    assert error.value.args[:2] == (1, -9)


def test_outputs_wait_for_the_slowest():
    code = "import os, time; time.sleep('1}' in os.environ['TF_CONFIG'] and 0.5); print('好')"
    with workers.started(python(code), workers.free_ports(2)) as jobs:
        assert workers.outputs(jobs, limit_s=30) == ["好\n"] * 2


def test_waiting_is_bounded_and_leaves_nothing():
    began = time.monotonic()
    with (
        pytest.raises(TimeoutError, match="0.2 秒内没有结束"),
        workers.started(python("import time; time.sleep(3600)"), workers.free_ports(2)) as jobs,
    ):
        workers.outputs(jobs, limit_s=0.2)
    assert 0.2 <= time.monotonic() - began < 30
    assert not alive([job.pid for job, *_ in jobs])


def test_an_error_in_the_parent_leaves_nothing():
    with (
        pytest.raises(ZeroDivisionError),
        workers.started(python("import time; time.sleep(3600)"), workers.free_ports(2)) as jobs,
    ):
        raise ZeroDivisionError
    assert not alive([job.pid for job, *_ in jobs])


def test_other_failures_are_not_retried():
    tried = []

    def choose(count):
        tried.append(workers.free_ports(count))
        return tried[-1]

    with pytest.raises(workers.WorkerError, match="ZeroDivisionError"):
        multi_worker.run(python("1 / 0"), choose=choose)
    assert len(tried) == 1
    tried.clear()
    with pytest.raises(workers.WorkerError, match="Could not start gRPC server"):
        multi_worker.run(
            python("raise SystemExit('Could not start gRPC server')"), choose=choose, attempts=2
        )
    assert len(tried) == 2  # 一直被占，也只试这么多次


def test_a_taken_port_leads_to_another_group():
    """TensorFlow 占不到端口时的报错，就是 run 换一组端口的依据；真的两个进程由片段自己运行。"""
    worker = """
import json, os, socket
config = json.loads(os.environ["TF_CONFIG"])
host, port = config["cluster"]["worker"][config["task"]["index"]].split(":")
try:
    socket.create_server((host, int(port)))
except OSError:
    raise SystemExit("{}")
print(port)
"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(tf.errors.UnknownError) as error:
            tf.distribute.Server({"worker": [f"127.0.0.1:{port}"]}, job_name="worker", task_index=0)
        second = workers.free_ports(2)
        groups = [second, [port, *workers.free_ports(1)]]
        command = python(worker.replace("{}", error.value.message))
        printed = multi_worker.run(command, choose=lambda _: groups.pop())
    assert not groups and [int(text) for text in printed] == second


# 检查点


def test_a_checkpoint_resumes_bit_for_bit_only_with_the_momentum(tmp_path):
    one = tf.distribute.get_strategy()
    whole = resume.train(one, str(tmp_path / "whole"))
    resume.train(one, str(tmp_path / "broken"), last=8)
    latest = tf.train.latest_checkpoint(str(tmp_path / "broken/0"))
    assert latest.endswith("save-1")  # 第五步存的；第六到第八步丢了
    seen = []
    again = resume.train(one, str(tmp_path / "a"), checkpoint=latest, before=seen.append)
    assert again == whole and seen == [5, 6, 7, 8, 9, 10, 11]
    assert resume.train(one, str(tmp_path / "b"), checkpoint=latest, momentum=False) != whole
    assert resume.train(one, str(tmp_path / "c"), last=11) != whole


def test_a_killed_worker_is_told_from_other_failures():
    """1 号被 SIGKILL 才算那次事故；0 号的错误从它自己的标准错误里读。"""
    zero = "open('/dev/null'); raise RuntimeError"
    code = f"import os; '1}}' in os.environ['TF_CONFIG'] and os.kill(os.getpid(), 9); {zero}"
    with workers.started(python(code), workers.free_ports(2)) as jobs:
        for job, *_ in jobs:
            job.wait(30)
        error, seconds = killed_worker.accident(jobs, limit_s=30)
    assert error == "RuntimeError" and 0 <= seconds < 30
    with (
        workers.started(python("1 / 0"), workers.free_ports(2)) as jobs,
        pytest.raises(workers.WorkerError, match="ZeroDivisionError"),
    ):
        killed_worker.accident(jobs, limit_s=30)


# 累积、异步、张量并行、流水线


@pytest.mark.parametrize("sizes", [[16], [4, 4, 4, 4], [7, 5, 3, 1]])
def test_accumulation_equals_the_whole_batch(sizes):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(16, 3)), rng.normal(size=16)
    weights = rng.normal(size=3)
    with tf.GradientTape() as tape:
        variable = tf.Variable(weights)
        loss = tf.reduce_mean((tf.linalg.matvec(tf.constant(x), variable) - y) ** 2)
    expected = tape.gradient(loss, variable).numpy()
    found = accumulation.accumulated(weights, x, y, sizes)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    close = np.allclose(accumulation.mean_of_means(weights, x, y, sizes), expected)
    assert close == (len(set(sizes)) == 1)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_keras_accumulation_equals_the_whole_batch(name):
    """gradient_accumulation_steps 对几次的梯度求平均；份数一样大时与整批相同。"""
    rng = np.random.default_rng(2)
    gradients = rng.normal(size=(4, 3)).astype("float32")
    found, states = [], []
    for given_gradients, steps in (gradients, 4), (gradients.mean(axis=0, keepdims=True), None):
        weights = tf.Variable(tf.ones(3))
        optimizer = getattr(tf.keras.optimizers, name)(0.1, gradient_accumulation_steps=steps)
        optimizer.build([weights])
        for gradient in given_gradients:
            optimizer.apply_gradients([(tf.constant(gradient), weights)])
        found.append(weights.numpy())
        states.append(len(optimizer.variables))
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    assert np.abs(found[0] - 1).min() > 1e-3  # 真的更新了
    assert states[0] > states[1], "多存一份累加的梯度"


@pytest.mark.parametrize("nodes", [2, 3, 5])
def test_bytes_on_the_sockets_match_the_formula(nodes):
    vectors = list(np.random.default_rng(3).normal(size=(nodes, 60 * nodes)))
    results, sent = ring_over_sockets.ring(vectors)
    assert len({result.tobytes() for result in results}) == 1
    np.testing.assert_allclose(results[0], np.sum(vectors, axis=0), rtol=1e-12)
    assert set(sent) == {2 * (nodes - 1) * 60 * 8}
    elements = ring_all_reduce.ring_all_reduce(vectors)
    assert [8 * count for count in elements[1]] == list(sent)
    assert elements[0][0].tobytes() == results[0].tobytes()


def test_sent_bytes_are_counted_by_the_kernel():
    one, other = socket.socketpair()
    with one, other:
        assert ring_over_sockets.send(one, np.arange(5.0)) == 40
        np.testing.assert_array_equal(ring_over_sockets.receive(other, np.empty(5)), np.arange(5.0))
    big = np.arange(1e6)  # 比套接字的缓冲区大，一次写不完
    one, other = socket.socketpair()
    with one, other, ThreadPoolExecutor(1) as pool:
        for link in one, other:
            link.settimeout(10)
        sending = pool.submit(ring_over_sockets.send, one, big)
        np.testing.assert_array_equal(ring_over_sockets.receive(other, big), big)
        assert sending.result() == big.nbytes
        data = big[:8].tobytes()  # 两块挨着到，第一块还分两次到：不能读到第二块里去
        one.sendall(data[:8])
        first = pool.submit(ring_over_sockets.receive, other, big[:5])
        time.sleep(0.1)
        one.sendall(data[8:])
        np.testing.assert_array_equal(first.result(), big[:5])
        np.testing.assert_array_equal(ring_over_sockets.receive(other, big[5:8]), big[5:8])


@pytest.mark.parametrize("delay", [0, 1, 2, 3, 7])
def test_stale_gradients_lower_the_largest_rate(delay):
    """特征多项式 z^(d+1) − z^d + η 的根都在单位圆里才收敛；界两侧各试一个。"""
    limit = stale_gradients.largest_stable_rate(delay)
    for scale, stable in (0.98, True), (1.02, False):
        polynomial = np.zeros(delay + 2)
        polynomial[0] = 1
        polynomial[1] -= 1
        polynomial[-1] += limit * scale
        assert (np.abs(np.roots(polynomial)).max() < 1) == stable
        history, staleness, _ = stale_gradients.train([1.0] * (delay + 1), limit * scale, 3000)
        assert (abs(history[-1]) < 1) == stable
        assert set(staleness[delay:]) == {delay}


def test_one_worker_is_plain_gradient_descent():
    history, staleness, seconds = stale_gradients.train([2.0], 0.5, 10)
    assert history == [0.5**step for step in range(11)]
    assert set(staleness) == {0} and seconds == 20


def test_asynchrony_trades_waiting_for_staleness():
    """一个慢四倍：同步每四秒用上四个梯度，异步每秒三又四分之一个。"""
    _, staleness, seconds = stale_gradients.train([1.0, 1.0, 1.0, 4.0], 0.05, 104)
    assert 104 / seconds == pytest.approx(3 + 1 / 4)
    assert max(staleness) == 12  # 它算一次，别人更新十二次
    assert np.mean(staleness[20:]) == pytest.approx(3, abs=0.1)  # 平均总是 worker 数减一


def test_asynchronous_result_depends_on_the_order_of_arrival():
    even, uneven = (stale_gradients.train(s, 0.3, 20)[0] for s in ([1.0, 1.0], [1.0, 1.5]))
    assert len(even) == len(uneven) and even != uneven


@pytest.mark.parametrize("devices", [1, 2, 4])
def test_sharded_layer_equals_the_whole(devices):
    rng = np.random.default_rng(4)
    x, a, b = (rng.normal(size=shape).astype("float32") for shape in ((5, 6), (6, 8), (8, 6)))
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        whole = tf.nn.relu(inputs @ a) @ b
    upstream = rng.normal(size=whole.shape).astype("float32")
    expected = tape.gradient(whole, inputs, upstream)
    outputs, sent = tensor_parallel.column_then_row(x, a, b, devices)
    assert len(outputs) == devices
    for output in outputs:
        np.testing.assert_allclose(output, whole, atol=1e-5)
    np.testing.assert_allclose(
        tensor_parallel.input_gradient(x, a, b, upstream, devices), expected, atol=1e-5
    )
    assert np.mean(sent) == pytest.approx(2 * (devices - 1) / devices * x.size)  # 一次 all-reduce
    wrong = tensor_parallel.row_first(x, a, b, devices)
    assert np.allclose(wrong, whole, atol=1e-5) == (devices == 1)


@given(st.integers(1, 8), st.integers(1, 24))
def test_bubble_is_the_published_fraction(stages, micro_batches):
    """Megatron-LM 论文 §2.2.1：空等 ÷ 干活 = (p−1)/m；1F1B 要求微批不少于段数时少存激活值。"""
    for schedule in pipeline_schedule.gpipe, pipeline_schedule.one_f_one_b:
        done = pipeline_schedule.timeline(schedule, stages, micro_batches)
        assert len(done) == 2 * stages * micro_batches
        share = pipeline_schedule.bubble(done, micro_batches)
        assert share == Fraction(stages - 1, micro_batches)
        assert share / (1 + share) == Fraction(stages - 1, micro_batches + stages - 1)  # GPipe 论文
    held = pipeline_schedule.activations_held
    assert held(pipeline_schedule.gpipe, stages, micro_batches) == micro_batches
    assert held(pipeline_schedule.one_f_one_b, stages, micro_batches) == min(stages, micro_batches)


def test_a_schedule_that_waits_for_itself_is_refused():
    """先做自己的反向，再做它等的前向：做不下去，要报错，不能一直转。"""
    with pytest.raises(ValueError, match="各段互相等待"):
        pipeline_schedule.timeline(lambda *_: [("B", 0), ("F", 0)], 1, 1)


@pytest.mark.parametrize("schedule", ["gpipe", "one_f_one_b"])
def test_the_timeline_respects_every_dependency(schedule):
    done = pipeline_schedule.timeline(getattr(pipeline_schedule, schedule), 4, 6)
    for (stage, kind, i), (start, end) in done.items():
        assert end - start == {"F": 1, "B": 2}[kind]
        if kind == "F" and stage > 0:
            assert start >= done[stage - 1, "F", i][1]
        if kind == "B":
            assert start >= done[stage, "F", i][1]
            assert stage == 3 or start >= done[stage + 1, "B", i][1]
    for stage in range(4):
        spans = sorted(span for (where, *_), span in done.items() if where == stage)
        assert all(end <= start for (_, end), (start, _) in zip(spans, spans[1:]))


def test_the_chart_draws_every_piece_of_work():
    svg = pipeline_chart.chart(stages=3, micro_batches=5)
    for color in pipeline_chart.colors[:2]:
        assert svg.count(f"fill: {color}") == 3 * 5 + 2  # 另有图例，和图例的样本
