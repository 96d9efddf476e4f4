"""KV cache 按最大长度预留，与按块分页，同一块显存各放得下多少请求？"""

import random


class PagedCache:
    """像操作系统的分页：每个请求一张块表，写满一块再领一块，块不必相邻。"""

    def __init__(self, blocks: int, block_tokens: int):
        if blocks < 1 or block_tokens < 1:
            raise ValueError(f"blocks 和 block_tokens 必须是正整数，收到 {blocks}、{block_tokens}")
        self.block_tokens = block_tokens
        self.free = list(range(blocks))
        self.tables: dict[int, list[int]] = {}
        self.lengths: dict[int, int] = {}

    def append(self, request: int, tokens: int = 1) -> None:
        """给请求写入若干 token 的 KV。块不够时抛出 MemoryError，什么也不改。"""
        length = self.lengths.get(request, 0) + tokens
        table = self.tables.get(request, [])
        extra = -(-length // self.block_tokens) - len(table)
        if extra > len(self.free):
            raise MemoryError(f"还要 {extra} 块，只剩 {len(self.free)} 块")
        self.tables[request] = table + [self.free.pop() for _ in range(extra)]
        self.lengths[request] = length

    def release(self, request: int) -> None:
        self.free.extend(self.tables.pop(request))
        del self.lengths[request]


if __name__ == "__main__":
    memory_tokens, max_tokens, block_tokens = 65_536, 2_048, 16
    rng = random.Random(0)
    cache = PagedCache(memory_tokens // block_tokens, block_tokens)
    lengths = [min(max_tokens, 1 + int(rng.expovariate(1 / 400))) for _ in range(1_000)]
    for request, length in enumerate(lengths):
        try:
            cache.append(request, length)
        except MemoryError:
            break
    slots = memory_tokens // max_tokens
    mean = sum(lengths) / len(lengths)
    print(f"显存可存 {memory_tokens:,} 个 token；请求最长 {max_tokens:,}，平均 {mean:.0f}")
    print(f"按最长预留：{slots} 个请求，有用 {sum(lengths[:slots]) / memory_tokens:.1%}")
    held = sum(len(table) for table in cache.tables.values()) * block_tokens
    used = sum(cache.lengths.values())
    print(f"每块 {block_tokens} 个 token：{len(cache.tables)} 个请求，有用 {used / held:.1%}")
    for request in range(0, len(cache.tables), 2):  # 隔一个结束一个，空出来的块不相邻
        cache.release(request)
    scattered = len(cache.free)
    cache.append(-1, scattered * block_tokens)
    print(f"隔一个结束一个，空出 {scattered:,} 块，全部给一个请求，剩 {len(cache.free)} 块")
