"""ZeRO 的每个阶段省多少显存，多多少通信？"""

HALF_PRECISION_BYTES = 2
ADAM_OPTIMIZER_BYTES_PER_PARAM = 12

# 一步训练里的集合通信，每次搬运的数据量都是一份参数（记作 Ψ）
collectives = {
    0: ("梯度 reduce-scatter", "梯度 all-gather"),  # 合起来就是 all-reduce
    1: ("梯度 reduce-scatter", "参数 all-gather"),
    2: ("梯度 reduce-scatter", "参数 all-gather"),
    3: ("前向参数 all-gather", "反向参数 all-gather", "梯度 reduce-scatter"),
}


def bytes_per_device(parameters: float, devices: float = 1, stage: int = 0) -> float:
    """每个设备上的模型状态，单位字节。公式：ZeRO 论文 §5。

    stage 0 是普通的数据并行，与设备数无关。stage 不在 0 到 3、devices 小于 1 时抛出 ValueError。
    """
    if stage not in collectives:
        raise ValueError(f"stage 必须是 0、1、2、3，收到 {stage}")
    if not devices >= 1:
        raise ValueError(f"devices 不能小于 1，收到 {devices}")
    weights = gradients = HALF_PRECISION_BYTES
    optimizer = ADAM_OPTIMIZER_BYTES_PER_PARAM
    if stage >= 1:
        optimizer /= devices
    if stage >= 2:
        gradients /= devices
    if stage >= 3:
        weights /= devices
    return parameters * (weights + gradients + optimizer)


if __name__ == "__main__":
    parameters, devices = 7.5e9, 64
    print(f"{parameters / 1e9} B 参数，{devices} 个设备，混合精度 Adam")
    for stage, volume in collectives.items():
        gigabytes = bytes_per_device(parameters, devices, stage) / 1e9
        ratio = len(volume) / len(collectives[0])
        print(
            f"阶段 {stage}：每个设备 {gigabytes:.1f} GB，通信 {len(volume)}Ψ，是数据并行的 {ratio} 倍"
        )
