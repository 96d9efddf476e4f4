"""怎样在一台机器上开出真正的多节点 Ray 集群，用完什么都不留下？"""

import contextlib
import os
import tempfile

import psutil
import ray.cluster_utils

# 节点死亡的通知由后台线程打进标准输出，log_to_driver 管不到它；同样的事 ray.nodes() 查得到。
ray._private.worker._worker_logs_enabled = False
ray._private.ray_constants.RAY_ENABLE_UV_RUN_RUNTIME_ENV = False  # 不让工作进程也各跑一遍 uv run
# Ray 监听所有网卡，不认令牌的话，同一网络里谁都能在这里跑代码。本进程已读过变量，再设一次。
os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": os.urandom(16).hex()}
ray._raylet.Config.initialize('{"AUTH_MODE": "token"}')


def wait_for_exit(folder: str) -> None:
    """等工作进程退出，十秒不退就杀。节点死后它们是孤儿，靠环境变量里的目录认出来。"""
    everyone = psutil.process_iter(["environ", "ppid"])
    ours = [p for p in everyone if (p.info["environ"] or {}).get("RAY_TMPDIR") == folder]
    workers = [p for p in ours if os.getpid() not in (p.pid, p.info["ppid"])]
    for process in psutil.wait_procs(workers, timeout=10)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@contextlib.contextmanager
def local_cluster(nodes: int, cpus_per_node: int = 1, extra: list[dict] | None = None):
    """工作节点 node0、node1……，外加不接任务的 head；extra[i] 是 node i 的其他 add_node 参数。"""
    if nodes < 1:  # 没有工作节点，任务会一直排队
        raise ValueError(f"nodes 必须是正整数，收到 {nodes}")
    # 各节点用不同的回环地址：127.0.0.1 会被 Ray 换成本机对外的地址；macOS 只有它，也不换。
    ips = [f"127.0.0.{2 + i}" if psutil.LINUX else None for i in range(nodes + 1)]
    small = {"object_store_memory": 80 * 2**20, "include_log_monitor": False}
    head = {"num_cpus": 0, "node_name": "head", "include_dashboard": False, "no_monitor": True}
    quick = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ray", dir="/tmp"))
        stack.callback(wait_for_exit, folder)
        stack.callback(os.environ.pop, "RAY_TMPDIR")
        os.environ |= {"RAY_TMPDIR": folder, "RAY_USAGE_STATS_ENABLED": "0"}
        cluster = ray.cluster_utils.Cluster()
        stack.callback(cluster.shutdown)
        cluster.add_node(**head, **small, node_ip_address=ips[0], _system_config=quick)
        for i in range(nodes):
            own = {"num_cpus": cpus_per_node, "node_name": f"node{i}"} | (extra[i] if extra else {})
            cluster.add_node(**own, **small, node_ip_address=ips[i + 1])
        stack.callback(ray.shutdown)
        ray.init(cluster.address, logging_level="ERROR", _node_ip_address=ips[0])
        yield cluster


if __name__ == "__main__":
    with local_cluster(nodes=2) as cluster:
        ours = psutil.Process().children()
        for node in sorted(ray.nodes(), key=lambda node: node["NodeName"]):
            print(f"{node['NodeName']}：{node['Resources'].get('CPU', 0):.0f} 个 CPU")
        print(f"独立的 raylet 进程：{[p.name() for p in ours].count('raylet')} 个")
    print(f"退出后还在的进程：{sum(p.is_running() for p in ours)} 个")
