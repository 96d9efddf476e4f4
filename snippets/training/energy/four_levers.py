"""省电减碳有四个杠杆，各值几倍？照 Patterson 等的表 1 逐个扳动。"""

from dataclasses import dataclass, replace

from training.energy.training_energy import energy_kwh

TRANSFORMER_P100_DAYS = 3.5
TRANSFORMER_P100_WATTS = 296
EVOLVED_P100_DAYS = 3.2
EVOLVED_P100_WATTS = 271
EVOLVED_TPU_V2_DAYS = 0.62
EVOLVED_TPU_V2_WATTS = 227
PATTERSON_CHIPS = 8
US_AVERAGE_PUE = 1.59
IOWA_PUE = 1.11
US_GRID_KG_PER_KWH = 0.429
IOWA_NET_KG_PER_KWH = 0.080
IOWA_GROSS_KG_PER_KWH = 0.478


@dataclass
class Run:
    days: float
    watts: float  # 每片的实测平均功率
    pue: float
    kg_per_kwh: float

    @property
    def kwh(self) -> float:
        return energy_kwh(self.days * 24, PATTERSON_CHIPS, self.watts, self.pue)

    @property
    def kg(self) -> float:
        return self.kwh * self.kg_per_kwh


def pull_levers() -> list[tuple[str, Run]]:
    """从美国平均机房里的 P100 出发，每次只换一样。达到的翻译质量相同。"""
    start = Run(TRANSFORMER_P100_DAYS, TRANSFORMER_P100_WATTS, US_AVERAGE_PUE, US_GRID_KG_PER_KWH)
    model = replace(start, days=EVOLVED_P100_DAYS, watts=EVOLVED_P100_WATTS)
    machine = replace(model, days=EVOLVED_TPU_V2_DAYS, watts=EVOLVED_TPU_V2_WATTS)
    building = replace(machine, pue=IOWA_PUE)
    place = replace(building, kg_per_kwh=IOWA_NET_KG_PER_KWH)
    names = ("起点　", "换模型", "换芯片", "换机房", "换电网")
    return list(zip(names, (start, model, machine, building, place)))


if __name__ == "__main__":
    runs = pull_levers()
    start = before = runs[0][1]
    for name, run in runs:
        cut = f"电 ÷ {before.kwh / run.kwh:.1f}，碳 ÷ {before.kg / run.kg:.1f}"
        print(
            f"{name}  {run.kwh:5.1f} kWh  {run.kg:5.1f} kg  {cut if run is not start else ''}".rstrip()
        )
        before = run
    print(f"合计    电 ÷ {start.kwh / before.kwh:.1f}，碳 ÷ {start.kg / before.kg:.0f}")
    gross = replace(before, kg_per_kwh=IOWA_GROSS_KG_PER_KWH)
    print(f"若不扣公司买的清洁电力：{gross.kg:.1f} kg，合计碳 ÷ {start.kg / gross.kg:.1f}")
