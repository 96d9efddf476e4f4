"""资源一份一份地给，两个作业为什么会互相等死？"""


def serve(needs: dict[str, int], gpus: int, gang: bool) -> tuple[list[str], dict[str, int]]:
    """needs 是每个作业要的 GPU 数，凑齐才能开工，做完全部归还。

    gang 为真：要么一次给齐，要么一张不给。为假：轮流各拿一张，拿到的不放手。
    返回（完成顺序，还握在手里的 GPU）。某个作业要的比总数多，或不到一张，抛出 ValueError。
    """
    for job, need in needs.items():
        if not 1 <= need <= gpus:
            raise ValueError(f"作业 {job} 要 {need} 张，允许 1 到 {gpus} 张")
    free, held, done = gpus, dict.fromkeys(needs, 0), []
    progress = True
    while progress:
        progress = False
        for job in [job for job in needs if job not in done]:
            take = needs[job] if gang else 1
            if take <= free:
                held[job], free, progress = held[job] + take, free - take, True
            if held[job] == needs[job]:  # 凑齐，运行，归还
                free, held[job] = free + needs[job], 0
                done.append(job)
    return done, {job: count for job, count in held.items() if count}


if __name__ == "__main__":
    gpus = 4
    for needs in ({"甲": 3, "乙": 3}, {"甲": 3, "乙": 2}):
        wanted = "、".join(f"{job}要 {need} 张" for job, need in needs.items())
        print(f"共 {gpus} 张 GPU，{wanted}")
        for name, gang in (("逐张分配", False), ("成组分配", True)):
            done, held = serve(needs, gpus, gang)
            stuck = "、".join(f"{job}握着 {count} 张" for job, count in held.items())
            print(f"  {name}：完成 {len(done)} 个" + (f"，卡住（{stuck}）" if held else ""))
