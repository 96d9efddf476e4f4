"""要训练这样一个模型，集群要多大？从参数、token 和天数，推到卡、网络、存储、故障和电。"""

from business.training_cost.failures import expected_ettr, job_mttf_hours
from infrastructure.components.checkpoint_burst import model_state_tb, storage_tb_per_s
from infrastructure.components.fat_tree import levels_needed, switches
from infrastructure.components.job_size import gpus_needed, sync_bytes
from infrastructure.components.pods import bandwidth_gbytes_per_s, groups_needed
from infrastructure.components.power import DGX_H100_KW, GOOGLE_PUE, facility_mw
from infrastructure.performance.checkpoint_interval import best_interval
from training.evaluation.mfu import flop_per_token
from training.evaluation.whole_run import (
    H100_BF16_TFLOPS,
    LLAMA3_TOKENS_TRILLION,
    LLAMA31_LAYERS_WIDTH_SEQUENCE,
)

LLAMA3_BATCH_MTOK = 16  # 百万 token/步
peak, mfu, effective = H100_BF16_TFLOPS * 1e12, 0.41, 0.9  # 假设：H100，Llama 3 的实绩
server_days, pause_s, restart_minutes = 264, 5, 10  # 假设：每台多少天坏一次，停多久写、重启


def report(billion, shape, trillion, days, shards, batch_mtok):
    layers, width, sequence = shape
    per_token = flop_per_token(billion * 1e9, layers, 1, width, sequence)
    exact = gpus_needed(per_token * trillion * 1e12, days, peak, mfu, effective)
    replicas = groups_needed(exact, shards)
    gpus, servers = replicas * shards, replicas * shards // 8
    print(f"{billion}B，{trillion} 万亿 token，假设 {days} 天、一份模型 {shards} 张卡")
    print(f"  卡：至少 {exact:,.0f} 张，凑整 {replicas} 份，{gpus:,} 张，{servers:,} 台")
    sent = sync_bytes(billion * 1e9, shards, replicas) / 1e9
    step = per_token * batch_mtok * 1e6 / (gpus * peak * mfu)
    tree = switches(gpus, 64, levels_needed(servers, 64))
    _, nic, across = bandwidth_gbytes_per_s().values()
    print(
        f"  网络：假设每步 {batch_mtok * 100:,} 万 token，{step:.2f} 秒，每卡同步 {sent:.1f} GB，",
        end="",
    )
    print(f"要藏住至少 {sent / step:.1f} GB/s")
    print(
        f"    无收敛时占一步的 {sent / nic / step:.0%}，跨 pod 占 {sent / across / step:.0%}；",
        end="",
    )
    print(f"无收敛至少要 {tree} 台 64 口交换机")

    state = model_state_tb(billion)
    print(f"  存储：检查点 {state:.2f} TB，要写得到 {storage_tb_per_s(state, pause_s):.3f} TB/s")
    hours = job_mttf_hours(servers, 1 / server_days)
    every = best_interval(hours * 3_600, pause_s) / 60
    ettr = expected_ettr(servers, 1 / server_days, restart_minutes, every, pause_s / 60)
    print(f"  故障：{hours:,.1f} 小时一次，每 {every:.1f} 分钟写一次，有效时间 {ettr:.1%}")
    print(f"  电：{facility_mw(gpus, DGX_H100_KW, 8, GOOGLE_PUE):.2f} MW，连同散热")


if __name__ == "__main__":
    print(f"假设：H100，MFU {mfu:.0%}，有效时间 {effective:.0%}，PUE {GOOGLE_PUE:.2f}")
    print(
        f"假设：每台 {server_days} 天坏一次，写检查点停 {pause_s} 秒，重启 {restart_minutes} 分钟"
    )
    report(405, LLAMA31_LAYERS_WIDTH_SEQUENCE, LLAMA3_TOKENS_TRILLION, 80, 128, LLAMA3_BATCH_MTOK)
    report(8, (32, 4_096, 8_192), 1, 10, 8, 4)
