"""算账的函数收到不可能的数，怎样报错才说得清？"""

from math import inf


def non_negative(**amounts: float) -> None:
    """价格、成本、数量：可以是零，不能是负数、无穷大或 NaN，否则抛出 ValueError。"""
    for name, value in amounts.items():
        if not 0 <= value < inf:
            raise ValueError(f"{name} 必须是非负的有限数，收到 {value}")


def positive(**amounts: float) -> None:
    """吞吐、寿命等要做除数的量：必须大于零。"""
    for name, value in amounts.items():
        if not 0 < value < inf:
            raise ValueError(f"{name} 必须是有限的正数，收到 {value}")


def fraction(**shares: float) -> None:
    """利用率、MFU：大于零，不超过一。"""
    for name, value in shares.items():
        if not 0 < value <= 1:
            raise ValueError(f"{name} 必须大于 0 且不超过 1，收到 {value}")


def share(**shares: float) -> None:
    """残值、抽查比例：零到一，两端都可以。"""
    for name, value in shares.items():
        if not 0 <= value <= 1:
            raise ValueError(f"{name} 必须在 0 到 1 之间，收到 {value}")


if __name__ == "__main__":
    for check, argument in (
        (non_negative, {"price_usd": -1}),
        (positive, {"tokens_per_s": 0}),
        (fraction, {"utilisation": 80}),
        (share, {"residual": -0.1}),
    ):
        try:
            check(**argument)
        except ValueError as error:
            print(f"ValueError: {error}")
