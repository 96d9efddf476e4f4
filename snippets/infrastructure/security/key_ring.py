"""主密钥放在哪里，才能让用它的程序拿不走它，又能换、能销毁？"""

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from infrastructure.security.sealed_chunks import seal, unseal


class KeyRing:
    """线上由密钥管理服务（KMS）或硬件（HSM）担任：只许请它加解密，不许取走主密钥。"""

    def __init__(self):
        self.keys: dict[int, bytes] = {}
        self.current = 0
        self.rotate()

    def rotate(self) -> int:
        """换上新的主密钥，返回编号；旧的留着，解开旧信封。"""
        self.current += 1
        self.keys[self.current] = AESGCM.generate_key(256)
        return self.current

    def wrap(self, name: str, version: int, data_key: bytes) -> tuple[int, list[bytes]]:
        """用当前的主密钥包住一把数据密钥，返回信封：（主密钥编号，密文）。"""
        sealed = seal(self.keys[self.current], f"{name} 的数据密钥", version, data_key, 32)
        return self.current, sealed

    def unwrap(self, name: str, version: int, envelope: tuple[int, list[bytes]]) -> bytes:
        number, sealed = envelope
        if number not in self.keys:
            raise ValueError(f"{name} 的主密钥 {number} 已经销毁，数据无法恢复")
        return unseal(self.keys[number], f"{name} 的数据密钥", version, sealed)


if __name__ == "__main__":
    ring = KeyRing()
    data_key = AESGCM.generate_key(256)
    envelope = ring.wrap("model", 1, data_key)
    ring.rotate()
    print(f"现在用主密钥 {ring.current}，信封用的是 {envelope[0]}")
    print(f"旧信封照样解开：{ring.unwrap('model', 1, envelope) == data_key}")
    for what, name, version in (("换到别的文件名下", "other", 1), ("当作别的版本", "model", 2)):
        try:
            ring.unwrap(name, version, envelope)
        except ValueError as error:
            print(f"{what}：{error}")
