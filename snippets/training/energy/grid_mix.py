"""电网每度电的碳怎么来的？单位写错，会错多少倍？"""

from business.inference.limits import non_negative

# 每种发电方式每兆瓦时的碳（kg）：煤、石油、天然气、核、水、风
GENERATION_KG_PER_MWH = (995, 816, 743, 29, 26, 26)
names = ("煤", "石油", "天然气", "核", "水", "风")


def mix_kg_per_kwh(mix: dict[str, tuple[float, float]]) -> float:
    """电网每度电的碳（kg）= Σ 占比 × 每兆瓦时的碳 ÷ 1000。

    mix：名称 → (占比, kg/MWh)。占比之和不为 1 时抛出 ValueError。
    """
    total = sum(share for share, _ in mix.values())
    if not abs(total - 1) < 1e-9:
        raise ValueError(f"mix 的占比之和必须是 1，收到 {total}")
    for share, kg_per_mwh in mix.values():
        non_negative(share=share, kg_per_mwh=kg_per_mwh)
    return sum(share * kg_per_mwh for share, kg_per_mwh in mix.values()) / 1_000


if __name__ == "__main__":
    grids = {
        "化石为主": {"煤": 0.25, "石油": 0.35, "天然气": 0.26, "核": 0.14},
        "核电为主": {"天然气": 0.08, "核": 0.70, "水": 0.12, "风": 0.10},
        "一半是风": {"天然气": 0.40, "水": 0.10, "风": 0.50},
    }
    print("假设的三个电网：")
    table = dict(zip(names, GENERATION_KG_PER_MWH))
    for grid, shares in grids.items():
        kg = mix_kg_per_kwh({name: (share, table[name]) for name, share in shares.items()})
        print(f"  {grid}：每兆瓦时 {kg * 1_000:.2f} kg，每度电 {kg:.3f} kg")
    print(f"把每兆瓦时的数当成每度电的数，错 {1 / mix_kg_per_kwh({'任意': (1.0, 1.0)}):,.0f} 倍")
