"""建一个集群，钱花在哪一层？两份公开的成本表。"""

from infrastructure.components.failure_share import share

# 千美元：机房与运维、服务器（含网卡）、交换机、线缆与模块
H100_CLUSTER_512_KUSD = (3_200, 19_840, 288, 675.84)
H100_CLUSTER_1024_KUSD = (6_400, 39_680, 1_728, 2_621.44)
H100_CLUSTER_16384_KUSD = (102_400, 634_880, 27_648, 41_943.04)
H100_CLUSTER_32768_KUSD = (204_800, 1_269_760, 92_160, 124_518.4)
FIRE_FLYER_NETWORK_PRICE = (350, 600, 4_000)  # 相对价格：两个区、三层、DGX
FIRE_FLYER_SERVER_PRICE = (11_250, 11_250, 19_000)

h100_clusters = {
    512: H100_CLUSTER_512_KUSD,
    1_024: H100_CLUSTER_1024_KUSD,
    16_384: H100_CLUSTER_16384_KUSD,
    32_768: H100_CLUSTER_32768_KUSD,
}


def layer_shares(
    facility: float, servers: float, switches: float, cables: float
) -> dict[str, float]:
    """各层占总价的比例。交换机、线缆与模块都算机间网络。"""
    total = facility + servers + switches + cables
    return {
        "服务器": share(servers, total),
        "机间网络": share(switches + cables, total),
        "机房与运维": share(facility, total),
    }


if __name__ == "__main__":
    print("H100 集群，2024 年 8 月的报价，机房与运维按全寿命计：")
    for gpus, kusd in h100_clusters.items():
        shares = "，".join(f"{layer} {part:.1%}" for layer, part in layer_shares(*kusd).items())
        print(f"  {gpus:,} 张，每张 {sum(kusd) * 1e3 / gpus:,.1f} 美元：{shares}")
    print("一万张 A100，相对价格，不含机房：")
    names = ("Fire-Flyer，两个区", "同样的服务器，三层", "DGX，三层")
    for name, network, server in zip(names, FIRE_FLYER_NETWORK_PRICE, FIRE_FLYER_SERVER_PRICE):
        total = network + server
        print(f"  {name}：合计 {total:,}，网络占 {share(network, total):.1%}")
    ours, dgx = (FIRE_FLYER_NETWORK_PRICE[i] + FIRE_FLYER_SERVER_PRICE[i] for i in (0, 2))
    print(f"  Fire-Flyer 是 DGX 的 {ours / dgx:.1%}")
