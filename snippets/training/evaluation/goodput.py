"""从事件日志算 goodput：占用的时间里，有几成真的推进了训练？"""

log = """
0     start  0
90    train  0
690   save   600
705   train  600
1305  save   1200
1320  train  1200
1740  crash  1620
1920  start  1200
2010  train  1200
2610  save   1800
2625  train  1800
3225  save   2400
3240  end    2400
"""
kinds = {"start": "启动", "train": "有效", "save": "写检查点", "crash": "停机"}


def parse(text: str) -> list[tuple[float, str, int]]:
    """每行一个事件：秒、事件、做完的步数，以 end 结束。事件不认识，或者时间倒流，抛出 ValueError。"""
    rows = map(str.split, text.strip().splitlines())
    events = [(float(at), name, int(step)) for at, name, step in rows]
    for (at, name, _), (later, _, _) in zip(events, events[1:]):
        if name not in kinds or later < at:
            raise ValueError(f"第 {at:g} 秒的事件 {name} 不认识，或者下一个事件早于它")
    if events[-1][1] != "end":
        raise ValueError(f"最后一个事件要是 end，收到 {events[-1][1]}")
    return events


def account(events: list[tuple[float, str, int]]) -> dict[str, float]:
    """每一段时间归到一类，单位秒，加起来等于总时间。

    训练的时间先记着，写完检查点或者跑完才算有效；没写完就崩溃，算返工。
    """
    seconds = dict.fromkeys([*kinds.values(), "返工"], 0.0)
    pending = 0.0
    for (at, name, _), (later, following, _) in zip(events, events[1:]):
        if name == "train":
            pending += later - at
        else:
            seconds[kinds[name]] += later - at
        if following == "crash":
            seconds["返工"], pending = seconds["返工"] + pending, 0.0
        elif name == "save" or following == "end":
            seconds["有效"], pending = seconds["有效"] + pending, 0.0
    return seconds


if __name__ == "__main__":
    events = parse(log)
    seconds, wall = account(events), events[-1][0] - events[0][0]
    for kind, spent in seconds.items():
        print(f"{kind}：{spent:,.0f} 秒，{spent / wall:.1%}")
    print(f"合计 {sum(seconds.values()):,.0f} 秒，日志首尾相差 {wall:,.0f} 秒")
    share = seconds["有效"] / wall
    print(f"goodput {share:.1%}；单步 MFU 若是 40%（假设），全程就是 {0.4 * share:.1%}")
