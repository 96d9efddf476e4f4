"""一个 24K GPU 集群有多少机架和 pod？离得越远，每张卡还剩多少带宽？"""

import math

LLAMA3_GPUS_PER_RACK = 16
LLAMA3_SERVERS_PER_RACK = 2
LLAMA3_RACKS_PER_POD = 192
LLAMA3_PODS = 8
LLAMA3_OVERSUBSCRIPTION = 7
LLAMA3_NIC_GBPS = 400
NVLINK4_GBYTES_PER_S = 450
LLAMA3_TP_PP_DP = (8, 16, 128)


def bandwidth_gbytes_per_s() -> dict[str, float]:
    """全体同时通信时，每张卡单向能分到的带宽（GB/s，1 字节 = 8 比特）。"""
    nic = LLAMA3_NIC_GBPS / 8
    return {
        "同一台服务器（NVLink）": NVLINK4_GBYTES_PER_S,
        "同一个 pod（无收敛）": nic,
        f"跨 pod（收敛比 1:{LLAMA3_OVERSUBSCRIPTION}）": nic / LLAMA3_OVERSUBSCRIPTION,
    }


def groups_needed(gpus: int, group: int) -> int:
    """放下 gpus 张卡要几个机架或几个 pod，不满一个也算一个。"""
    return math.ceil(gpus / group)


if __name__ == "__main__":
    per_pod = LLAMA3_GPUS_PER_RACK * LLAMA3_RACKS_PER_POD
    racks = LLAMA3_RACKS_PER_POD * LLAMA3_PODS
    print(f"每个 pod {LLAMA3_RACKS_PER_POD} 个机架、{per_pod:,} 张 GPU")
    print(
        f"{LLAMA3_PODS} 个 pod 共 {racks:,} 个机架、{racks * LLAMA3_SERVERS_PER_RACK:,} 台服务器、"
        f"{per_pod * LLAMA3_PODS:,} 张 GPU"
    )
    for place, gbytes in bandwidth_gbytes_per_s().items():
        print(f"{place}：每卡 {gbytes:.1f} GB/s，搬 1 GB 要 {1_000 / gbytes:.1f} ms")

    tp, pp, dp = LLAMA3_TP_PP_DP
    replica = tp * pp
    replica_racks = groups_needed(replica, LLAMA3_GPUS_PER_RACK)
    print(f"一份模型：TP {tp} × PP {pp} = {replica} 张卡，占 {replica_racks} 个机架")
    job_pods = groups_needed(replica * dp, per_pod)
    print(f"DP {dp} 份：共 {replica * dp:,} 张卡，至少要 {job_pods} 个 pod")
