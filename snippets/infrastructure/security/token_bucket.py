"""怎样限流，让突发可以通过，长期不超过约定的速率？"""


class TokenBucket:
    """桶里最多 burst 个令牌，每秒补 rate 个；请求要几个令牌就扣几个，不够就拒绝。

    时钟由调用者给出，单位秒，可以用模拟的时间测试。比 burst 还大的请求永远过不了。
    rate、burst、cost 不是正数，或时间倒流，抛出 ValueError。
    """

    def __init__(self, rate: float, burst: float):
        if rate <= 0 or burst <= 0:
            raise ValueError(f"rate 和 burst 必须是正数，收到 {rate} 和 {burst}")
        self.rate, self.burst = rate, burst
        self.tokens, self.last_s = burst, 0.0

    def take(self, now_s: float, cost: float = 1.0) -> bool:
        if cost <= 0:
            raise ValueError(f"cost 必须是正数，收到 {cost}")  # 负数会给自己充值
        if now_s < self.last_s:
            raise ValueError(f"now_s 不能早于上一次的 {self.last_s}，收到 {now_s}")
        self.tokens = min(self.burst, self.tokens + (now_s - self.last_s) * self.rate)
        self.last_s = now_s
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True


if __name__ == "__main__":
    rate, burst, seconds = 5, 20, 10
    flood = TokenBucket(rate, burst)
    passed = [flood.take(i / 64) for i in range(64 * seconds)]  # 每秒 64 个请求
    print(f"每秒补 {rate} 个令牌，最多存 {burst} 个；每秒来 64 个请求，连续 {seconds} 秒")
    print(f"前 5 秒放行 {sum(passed[:320])} 个，后 5 秒放行 {sum(passed[320:])} 个")
    print(f"上限 {burst} + {rate} × {seconds} = {burst + rate * seconds} 个")
    polite = TokenBucket(rate, burst)
    refused = sum(not polite.take(i / rate) for i in range(500))
    print(f"每秒只发 {rate} 个的客户，500 个请求被拒绝 {refused} 个")
    by_token = TokenBucket(rate=1_000, burst=8_000)  # 令牌对应 token，不对应请求
    answers = ["放行" if by_token.take(0, cost=8_000) else "拒绝" for _ in range(2)]
    print(f"按 token 计，最多存 8,000 个；连来两个 8,000 token 的请求：{'、'.join(answers)}")
