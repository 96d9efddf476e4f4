"""推理有昼夜，夜里空出来的节点能给训练多少？"""

DEEPSEEK_PEAK_NODES = 278
DEEPSEEK_AVERAGE_NODES = 226.75


def freed_node_hours(peak_nodes: float, average_nodes: float) -> float:
    """按峰值配置，一天空出来的节点小时数。平均多于峰值时抛出 ValueError。"""
    if not 0 < average_nodes <= peak_nodes:
        raise ValueError(f"average_nodes 必须在 0 与峰值 {peak_nodes} 之间，收到 {average_nodes}")
    return (peak_nodes - average_nodes) * 24


if __name__ == "__main__":
    share = DEEPSEEK_AVERAGE_NODES / DEEPSEEK_PEAK_NODES
    freed = freed_node_hours(DEEPSEEK_PEAK_NODES, DEEPSEEK_AVERAGE_NODES)
    print(f"推理平均占用峰值的 {share:.1%}")
    print(f"每天空出 {freed:,.0f} 个节点小时，相当于 {freed / 24:.2f} 个节点整天做训练")
