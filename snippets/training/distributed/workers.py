"""启动一组进程，怎样保证一个失败全部收场，谁也不会永远等下去？"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time


class WorkerError(RuntimeError): ...  # 参数依次是序号、退出码、标准错误


def free_ports(count: int) -> list[int]:
    """向系统要几个空闲端口。同时占着才不重复；放开之后仍可能被别人抢走。"""
    with contextlib.ExitStack() as held:
        local = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in local]


@contextlib.contextmanager
def started(command: list[str], ports: list[int]):
    """每个端口启动一个进程，TF_CONFIG 写明伙伴和自己的序号。离开 with 时一个不留。"""
    cluster, jobs = {"worker": [f"127.0.0.1:{port}" for port in ports]}, []
    with contextlib.ExitStack() as stack:
        for index in range(len(ports)):
            config = {"cluster": cluster, "task": {"type": "worker", "index": index}}
            own = {"TF_CONFIG": json.dumps(config), "no_proxy": "127.0.0.1"}  # 本机不走代理
            out, err = (stack.enter_context(tempfile.TemporaryFile("w+")) for _ in range(2))
            job = subprocess.Popen(command, env=os.environ | own, stdout=out, stderr=err)
            stack.callback(lambda job=job: (job.kill(), job.wait()))  # 杀掉，收尸
            jobs.append((job, out, err))
        yield jobs


def outputs(jobs, limit_s: float) -> list[str]:
    """都成功才返回标准输出。一个失败就抛出 WorkerError，超时抛出 TimeoutError。"""
    deadline, codes = time.monotonic() + limit_s, [None]
    while None in codes:
        codes = [job.poll() for job, *_ in jobs]
        if any(codes):
            cause = min(range(len(codes)), key=lambda i: codes[i] or 999)  # 被信号杀死的是负数
            raise WorkerError(cause, codes[cause], jobs[cause][2].seek(0) or jobs[cause][2].read())
        if time.monotonic() > deadline:
            raise TimeoutError(f"{limit_s} 秒内没有结束")
        time.sleep(0.02)
    return [out.seek(0) or out.read() for _, out, _ in jobs]


if __name__ == "__main__":
    for name, code in ("一个出错，另一个在等", "1 / 0"), ("两个都不结束", "2"):
        code = f"import os, time; '1}}' in os.environ['TF_CONFIG'] and {code}; time.sleep(60)"
        try:
            with started([sys.executable, "-c", code], free_ports(2)) as jobs:
                outputs(jobs, limit_s=1)
        except (WorkerError, TimeoutError) as error:
            left = [job.poll() for job, *_ in jobs].count(None)
            print(f"{name}：{type(error).__name__}，留下 {left} 个进程")
