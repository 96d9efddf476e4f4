"""所有 GPU 同时写检查点，存储要多快才不让它们久等？"""

from business.inference.limits import non_negative, positive

LLAMA3_TRAINING_GPUS = 16_384
LLAMA3_CHECKPOINT_GB_PER_GPU = 4  # 上限
LLAMA31_PARAMETERS_BILLION = 405
LLAMA3_STORAGE_TB_PER_S = (2, 7)  # 持续、峰值


def write_seconds(tb: float, tb_per_s: float) -> float:
    """写完一次检查点的秒数。"""
    non_negative(tb=tb)
    positive(tb_per_s=tb_per_s)
    return tb / tb_per_s


def storage_tb_per_s(tb: float, pause_s: float) -> float:
    """反过来：只肯停 pause_s 秒，存储要多快。"""
    non_negative(tb=tb)
    positive(pause_s=pause_s)
    return tb / pause_s


def model_state_tb(params_billion: float, bytes_per_param: int = 14) -> float:
    """权重和优化器状态的大小：半精度权重 2 字节，单精度主副本和两个矩 12 字节，不存梯度。"""
    positive(params_billion=params_billion, bytes_per_param=bytes_per_param)
    return params_billion * bytes_per_param / 1_000


if __name__ == "__main__":
    gpus, gb = LLAMA3_TRAINING_GPUS, LLAMA3_CHECKPOINT_GB_PER_GPU
    state_tb, most_tb = model_state_tb(LLAMA31_PARAMETERS_BILLION), gpus * gb / 1_000
    print(f"{LLAMA31_PARAMETERS_BILLION}B 参数，每个 14 字节：{state_tb:.1f} TB")
    print(f"上限，{gpus:,} 张卡都写满 {gb} GB：{most_tb:.1f} TB")
    for name, speed in zip(("持续", "峰值"), LLAMA3_STORAGE_TB_PER_S):
        seconds = [write_seconds(tb, speed) for tb in (state_tb, most_tb)]
        print(f"按{name} {speed} TB/s：{seconds[0]:.1f} 秒，上限 {seconds[1]:.1f} 秒")
