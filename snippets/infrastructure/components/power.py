"""一个 24K GPU 集群要多大的电？GPU 的铭牌功耗占几成？"""

LLAMA3_GPUS_PER_RACK = 16
LLAMA3_RACKS_PER_POD = 192
LLAMA3_PODS = 8
H100_TDP_W = 700
DGX_H100_KW = 10.2
GOOGLE_PUE = 1.10


def facility_mw(gpus: int, kw_per_server: float, gpus_per_server: int, pue: float) -> float:
    """数据中心总功率（MW）= 服务器满载功率 × PUE。PUE 小于 1 时抛出 ValueError。"""
    if pue < 1:
        raise ValueError(f"pue 不会小于 1，收到 {pue}")
    return gpus / gpus_per_server * kw_per_server * pue / 1_000


if __name__ == "__main__":
    gpus, per_server = LLAMA3_GPUS_PER_RACK * LLAMA3_RACKS_PER_POD * LLAMA3_PODS, 8
    watts = DGX_H100_KW * 1_000 / per_server
    chips = gpus * H100_TDP_W / 1e6
    servers = facility_mw(gpus, DGX_H100_KW, per_server, pue=1)
    site = facility_mw(gpus, DGX_H100_KW, per_server, GOOGLE_PUE)
    print(f"每卡：GPU {H100_TDP_W} W，摊上 CPU、内存、网卡、风扇后 {watts:,.0f} W")
    print(f"每个机架 {LLAMA3_GPUS_PER_RACK} 张卡：{LLAMA3_GPUS_PER_RACK * watts / 1_000:.1f} kW")
    print(f"{gpus:,} 张卡：GPU {chips:.1f} MW，服务器 {servers:.1f} MW，连同散热 {site:.1f} MW")
    print(f"GPU 的铭牌功耗占 {chips / site:.0%}")
