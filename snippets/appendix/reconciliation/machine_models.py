"""能耗、可靠性、扩展和云的几行由几个公式合成：各用到哪几页的函数？"""

from appendix.reconciliation.summary import users
from infrastructure.components.power import facility_mw
from infrastructure.performance.availability import mtbf_hours, part_mtbf
from infrastructure.performance.scaling import serial_share, speedup_from_mfu
from training.energy.grid_mix import mix_kg_per_kwh
from training.energy.training_energy import carbon_t, energy_kwh


def run_carbon_t(gpu_hours, watts, pue, kg_per_kwh):
    """一次训练的碳（吨）：卡时 → 电 → 碳。"""
    return carbon_t(energy_kwh(gpu_hours, 1, watts, pue), kg_per_kwh)


def same_grid_carbon_t(reference_t, reference_gpu_hours, gpu_hours):
    """同样的卡、同样的电网：碳（吨）与卡时成正比，比例从另一个型号来。"""
    return reference_t / reference_gpu_hours * gpu_hours


def four_source_kg_per_kwh(coal, coal_kg, oil, oil_kg, gas, gas_kg, nuclear, nuclear_kg):
    """四种电源的电网每度电的碳（kg）；占比是小数，碳是 kg/MWh。"""
    mix = {"煤": (coal, coal_kg), "石油": (oil, oil_kg), "天然气": (gas, gas_kg)}
    return mix_kg_per_kwh(mix | {"核": (nuclear, nuclear_kg)})


def node_mtbf_days(job_mtbf_hours, nodes):
    """由整个作业的 MTBF 反推单个节点的 MTBF（天）。"""
    return part_mtbf(job_mtbf_hours, nodes) / 24


def node_mtbf_days_from_stops(days, stops, nodes):
    """由停机次数反推单个节点的 MTBF（天）。"""
    return node_mtbf_days(mtbf_hours(days, stops), nodes)


def serial_share_from_mfu(times, mfu_before, mfu_after):
    """由强扩展两端的 MFU 反推 Amdahl 的串行占比。"""
    return serial_share(speedup_from_mfu(times, mfu_before, mfu_after), times)


def watts_per_gpu(kw_per_server, gpus_per_server):
    """整机功率摊到每张卡（W），不计散热。"""
    return facility_mw(1, kw_per_server, gpus_per_server, pue=1) * 1e6


if __name__ == "__main__":
    print(*users(__file__), sep="\n")
