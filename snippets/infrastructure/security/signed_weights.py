"""收到一份模型，怎样确认每个文件都是发布者签过的那个，一个不少也一个不多？"""

import hashlib
import json
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def digests(folder: Path) -> dict[str, str]:
    """每个文件的 SHA-256，分块读，不把权重整个放进内存。有符号链接就抛出 ValueError。"""
    found = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_symlink() or path.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            raise ValueError(f"{name} 是符号链接，内容在清单管不到的地方；换成真的文件")
        with path.open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def sign(key: Ed25519PrivateKey, model: str, folder: Path) -> tuple[bytes, bytes]:
    """返回（清单，签名）。清单写明是哪个模型的哪个版本，签过的别的模型就冒充不了它。"""
    manifest = json.dumps({"model": model, "files": digests(folder)}, sort_keys=True).encode()
    return manifest, key.sign(manifest)


def check(public: Ed25519PublicKey, wanted: str, manifest: bytes, signature: bytes, folder: Path):
    """加载之前核对；不对就抛出 ValueError。先验签名，再解析清单。"""
    try:
        public.verify(signature, manifest)
    except InvalidSignature:
        raise ValueError("清单的签名不对：不是这个发布者签的，或清单被改过") from None
    claim, found = json.loads(manifest), digests(folder)
    if claim["model"] != wanted:
        raise ValueError(f"要的是 {wanted}，清单签的是 {claim['model']}")
    if wrong := sorted({name for name, _ in claim["files"].items() ^ found.items()}):
        raise ValueError(f"与清单不符：{'、'.join(wrong)}；删掉整份，重新下载")


if __name__ == "__main__":
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.safetensors").write_bytes(bytes(1000))
        signed = sign(key, "chat-v2", folder)
        foreign, older = sign(other, "chat-v2", folder), sign(key, "chat-v1", folder)
        for what, (manifest, signature), extra in (
            *(("原样", signed, ""), ("外人签的清单", foreign, ""), ("旧版本的清单", older, "")),
            *(("多一个文件", signed, "helper.py"), ("再改掉权重", signed, "model.safetensors")),
        ):
            if extra:
                (folder / extra).write_bytes(b"import os")
            try:
                check(key.public_key(), "chat-v2", manifest, signature, folder)
                print(f"{what}：可以加载")
            except ValueError as error:
                print(f"{what}：{error}")
