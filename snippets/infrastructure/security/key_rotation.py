"""换主密钥时，怎样不重写权重，旧数据照样能读，旧钥匙最后能扔掉？"""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.security.key_ring import KeyRing
from infrastructure.security.sealed_chunks import seal, unseal


def put(store: dict, ring: KeyRing, name: str, version: int, data: bytes) -> None:
    """信封加密：每次写入一把新的数据密钥，数据密钥再用主密钥包住。"""
    data_key = AESGCM.generate_key(256)
    chunks = seal(data_key, name, version, data, chunk_bytes=65_536)
    store[name, version] = ring.wrap(name, version, data_key), chunks


def get(store: dict, ring: KeyRing, name: str, version: int) -> bytes:
    envelope, chunks = store[name, version]
    return unseal(ring.unwrap(name, version, envelope), name, version, chunks)


def rewrap(store: dict, ring: KeyRing) -> int:
    """信封全换成当前的主密钥，数据的密文一个字节不动。返回重写的字节数。"""
    for (name, version), (envelope, chunks) in store.items():
        data_key = ring.unwrap(name, version, envelope)
        store[name, version] = ring.wrap(name, version, data_key), chunks
    return sum(len(piece) for (_, sealed), _ in store.values() for piece in sealed)


def destroy(store: dict, ring: KeyRing, number: int) -> None:
    """销毁一把旧主密钥。它是当前的，或还有信封用着它，就抛出 ValueError。"""
    users = [f"{name} 第 {v} 版" for (name, v), ((used, _), _) in store.items() if used == number]
    if number == ring.current or users:
        who = "、".join(users) or "新的写入"
        raise ValueError(f"主密钥 {number} 还有 {who} 在用，先 rotate，再 rewrap")
    del ring.keys[number]


if __name__ == "__main__":
    ring, store, weights = KeyRing(), {}, bytes(1_000_000)
    put(store, ring, "model", 1, weights)
    put(store, ring, "optimizer", 1, weights)
    ring.rotate()
    put(store, ring, "model", 2, weights)
    print("轮换之后，信封用的主密钥：", *(envelope[0] for envelope, _ in store.values()))
    print(f"三份都能读：{all(get(store, ring, *where) == weights for where in store)}")
    try:
        destroy(store, ring, 1)
    except ValueError as error:
        print(f"现在就销毁 1：{error}")
    data = sum(len(chunk) for _, chunks in store.values() for chunk in chunks)
    print(f"重包信封写了 {rewrap(store, ring)} 字节，数据的密文 {data:,} 字节没有动")
    destroy(store, ring, 1)
    left = "、".join(map(str, ring.keys))
    print(f"销毁 1 之后还剩主密钥 {left}，三份都能读：{all(get(store, ring, *w) for w in store)}")
