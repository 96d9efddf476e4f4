"""拿到一份 trace，怎样找出计算在等谁？（事件按给定的时长排出来，格式是 Chrome Trace Event）"""

import json

lanes = ("读数据", "计算", "通信")


def record(steps: int, prefetch: bool, overlap: bool) -> list[dict]:
    """排出 steps 步的事件：读 6 ms，前向 4 ms，反向两段各 4 ms，每段的梯度要 all-reduce 3 ms。

    prefetch：算这一步时就读下一批；overlap：反向算完一段就发一段，不等全部算完。时间单位微秒。
    """
    events, read_end, compute_start, sent = [], 0, 0, 0

    def add(lane: str, name: str, start: int, duration: int) -> int:
        row = {"ph": "X", "pid": 0, "tid": lanes.index(lane), "cat": lane, "name": name}
        events.append(row | {"ts": start, "dur": duration})
        return start + duration

    for _ in range(steps):
        read_end = add("读数据", "读", compute_start if prefetch else sent, 6_000)
        compute_start = max(read_end, sent)  # 数据到了，上一步的梯度也到齐了
        now = add("计算", "前向", compute_start, 4_000)
        done = []
        for part in ("反向一", "反向二"):
            now = add("计算", part, now, 4_000)
            done.append(now)
        for part, ready in zip(("一", "二"), done):
            sent = add("通信", f"all-reduce {part}", max(sent, ready if overlap else now), 3_000)
    return events


def covered(events: list[dict], lane: str, start: float, end: float) -> float:
    """某一行在 [start, end] 里忙了多久；同一行的事件互不重叠。"""
    return sum(
        max(0, min(end, event["ts"] + event["dur"]) - max(start, event["ts"]))
        for event in events
        if event["cat"] == lane
    )


def gaps(events: list[dict], lane: str) -> list[tuple[float, float]]:
    """某一行相邻两个事件之间的空档：[(开始, 结束)]。"""
    busy = sorted((e["ts"], e["ts"] + e["dur"]) for e in events if e["cat"] == lane)
    return [(end, start) for (_, end), (start, _) in zip(busy, busy[1:]) if start > end]


if __name__ == "__main__":
    for name, prefetch, overlap in (("改之前", False, False), ("改之后", True, True)):
        text = json.dumps({"traceEvents": record(4, prefetch, overlap)}, ensure_ascii=False)
        events = json.loads(text)["traceEvents"]  # 存成 .json，Perfetto 就能打开
        start, end = max(gaps(events, "计算"), key=lambda gap: gap[1] - gap[0])
        forward = [event["ts"] for event in events if event["name"] == "前向"]
        step, busy = forward[-1] - forward[-2], covered(events, "计算", *forward[-2:])
        print(f"{name}：每步 {step / 1e3:.0f} ms，计算占 {busy / step:.0%}")
        waits = "，".join(
            f"{lane} {covered(events, lane, start, end) / 1e3:.0f} ms"
            for lane in ("通信", "读数据")
        )
        print(f"  最长的空档 {(end - start) / 1e3:.0f} ms，这段时间里在忙的：{waits}")
