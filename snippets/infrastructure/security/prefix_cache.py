"""前缀缓存给所有人共用，别人的提示词为什么会被猜出来？"""

import hashlib


class PrefixCache:
    """按块缓存 KV：块的名字是（盐、前缀、本块）的哈希，与 vLLM 的做法相同。"""

    def __init__(self, block_tokens: int):
        if block_tokens < 1:
            raise ValueError(f"block_tokens 必须是正整数，收到 {block_tokens}")
        self.block_tokens = block_tokens
        self.blocks: set[bytes] = set()

    def prefill(self, prompt: str, salt: str = "") -> int:
        """返回要计算的块数。命中的块不用算，首个 token 就来得快：攻击者量的就是它。"""
        name, computed = hashlib.sha256(salt.encode()).digest(), 0
        for i in range(0, len(prompt) - self.block_tokens + 1, self.block_tokens):
            block = prompt[i : i + self.block_tokens]
            name = hashlib.sha256(name + block.encode()).digest()
            computed += name not in self.blocks
            self.blocks.add(name)
        return computed


def steal(cache: PrefixCache, known: str, digits: int, salt: str = "") -> tuple[str, int]:
    """一块一块地猜出 known 后面的数字。返回（猜出的部分，探测次数）。"""
    width, probes, found = cache.block_tokens, 0, ""
    for _ in range(digits // width):
        for guess in range(10**width):
            probes += 1
            attempt = f"{guess:0{width}}"
            if cache.prefill(known + found + attempt, salt) == 0:  # 全部命中：有人算过
                found += attempt
                break
        else:
            return found, probes
    return found, probes


if __name__ == "__main__":
    known, secret = "你是客服。用户证件号：", "40219576"  # 这里一个字算一个 token
    for label, victim, attacker in (("共用缓存", "", ""), ("每个租户一份盐", "甲", "乙")):
        cache = PrefixCache(block_tokens=1)
        cache.prefill(known + secret, victim)
        cache.prefill(known, attacker)
        found, probes = steal(cache, known, len(secret), attacker)
        again = cache.prefill(known + secret, victim)
        result = f"猜出 {found}" if found else "一位也猜不出"
        print(f"{label}：探测 {probes} 次，{result}；本人再问要算 {again} 块")
    print(f"不借助缓存，猜中要试的组合：{10 ** len(secret):,}")
