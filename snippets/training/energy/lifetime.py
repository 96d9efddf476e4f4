"""压缩省的是训练的电，还是推理的电？按运算次数算一笔总账。"""

DEEPSEEK_V3_TOKENS_TRILLION = 14.8
DEEPSEEK_DAILY_BTOK = (342, 266, 168)

train_flop, serve_flop = 6, 2  # 每个参数、每个 token：训练是前向 2 加反向 4，推理只有前向


def inference_share(served_over_trained: float) -> float:
    """推理占全部运算的比例。

    served_over_trained 是服务的 token 数 ÷ 训练的 token 数，为负时抛出 ValueError。
    """
    if served_over_trained < 0:
        raise ValueError(f"served_over_trained 不能为负，收到 {served_over_trained}")
    serve = serve_flop * served_over_trained
    return serve / (train_flop + serve)


def total_saving(served_over_trained: float, inference_saving: float) -> float:
    """压缩让推理省下 inference_saving 时，总运算省下多少。训练已经算完，一次也省不掉。"""
    return inference_share(served_over_trained) * inference_saving


if __name__ == "__main__":
    print(f"每个参数、每个 token：训练 {train_flop} 次运算，推理 {serve_flop} 次")
    print("服务 ÷ 训练  推理占比  推理减半时，总共省")
    for ratio in (0, 1, 3, 30):
        print(f"{ratio:>10}  {inference_share(ratio):8.1%}  {total_saving(ratio, 0.5):10.1%}")
    _, missed, output = DEEPSEEK_DAILY_BTOK  # 命中缓存的输入不用再算
    days = train_flop / serve_flop * DEEPSEEK_V3_TOKENS_TRILLION * 1000 / (missed + output)
    print(f"DeepSeek：按公布的日流量，{days:.0f} 天的推理与一次预训练的运算相当")
