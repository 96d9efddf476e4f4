"""一美元能把多少页文字变成向量？生成的向量有多大？"""

from business.inference.limits import non_negative, positive

EMBEDDING_USD_PER_MTOK = 0.02  # text-embedding-3-small
EMBEDDING_LARGE_USD_PER_MTOK = 0.13  # text-embedding-3-large
EMBEDDING_TOKENS_PER_PAGE = 800
EMBEDDING_DIMENSIONS = 1536  # small 的向量维数


def pages_per_usd(usd_per_mtok: float, tokens_per_page: float) -> float:
    """每美元的页数 = 1e6 ÷ (单价 × 每页 token 数)。"""
    positive(usd_per_mtok=usd_per_mtok, tokens_per_page=tokens_per_page)
    return 1e6 / (usd_per_mtok * tokens_per_page)


def vector_bytes(vectors: float, dimensions: int, bytes_per_value: int = 4) -> float:
    """未压缩的向量占多少字节，不含索引。"""
    non_negative(vectors=vectors)
    positive(dimensions=dimensions, bytes_per_value=bytes_per_value)
    return vectors * dimensions * bytes_per_value


if __name__ == "__main__":
    for name, price in (
        ("small", EMBEDDING_USD_PER_MTOK),
        ("large", EMBEDDING_LARGE_USD_PER_MTOK),
    ):
        pages = pages_per_usd(price, EMBEDDING_TOKENS_PER_PAGE)
        print(f"{name}：{price} 美元/百万 token，每美元 {pages:,.0f} 页")
    pages = pages_per_usd(EMBEDDING_USD_PER_MTOK, EMBEDDING_TOKENS_PER_PAGE)
    text, vectors = pages * EMBEDDING_TOKENS_PER_PAGE * 4, vector_bytes(pages, EMBEDDING_DIMENSIONS)
    print(f"small 的一美元：文字约 {text / 1e6:.0f} MB（假设每 token 4 字节）")
    print(f"small 的一美元：每页一个向量，共 {vectors / 1e6:.0f} MB")
