"""Personal identifiers at rest: one data key per person, one ciphertext per field, keyed blind indexes.

A person's key is HMAC(master, salt of the person): deleting the salt makes every copy of the person's identifiers,
in the history too, unreadable for ever (crypto-erase). AES-256-GCM (NIST SP 800-38D) with a random nonce per value;
the field name and the lineage are bound as associated data, so that a ciphertext cannot be moved elsewhere.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

_NONCE = 12


class SealError(Exception):
    """A sealed value cannot be opened: wrong key, wrong place, or the person was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The master secrets by key id; the newest seals, all of them open."""

    newest: str
    #: Key id -> 32 bytes. Never in `repr`.
    masters: dict[str, bytes]

    def __repr__(self) -> str:
        return f"Keyring(newest={self.newest!r})"

    def blind_index(self, *, field: str, value: str) -> bytes:
        """Return a keyed fingerprint by which equal values of a field are found (HMAC-SHA-256, 16 bytes)."""
        return _fingerprint(self.masters[self.newest], field, value)

    def blind_indexes(self, *, field: str, value: str) -> list[bytes]:
        """Return the fingerprints of a value under every key of the ring, that of the newest first."""
        names = [self.newest, *(name for name in self.masters if name != self.newest)]
        return [_fingerprint(self.masters[name], field, value) for name in names]

    def person(self, *, key_id: str, salt: bytes) -> PersonSeal:
        """Return the seal of one person; raises SealError when the key id is not in the ring."""
        if key_id not in self.masters:
            raise SealError(f"key {key_id!r} is not in the key ring; add it to UNASKED_KEYS to read older rows")
        return PersonSeal(AESGCM(_mac(self.masters[key_id], salt)))

    def seal(self, *, value: bytes, place: str) -> bytes:
        """Encrypt bytes that belong to no known person (quarantined records)."""
        return PersonSeal(_master_cipher(self.masters[self.newest])).seal(value=value, place=place)

    def open(self, *, key_id: str, sealed: bytes, place: str) -> bytes:
        """Decrypt what `seal` made; raises SealError."""
        if key_id not in self.masters:
            raise SealError(f"key {key_id!r} is not in the key ring; add it to UNASKED_KEYS to read older rows")
        return PersonSeal(_master_cipher(self.masters[key_id])).open(sealed=sealed, place=place)


def _fingerprint(master: bytes, field: str, value: str) -> bytes:
    return _mac(master, f"{field}\x1f{value}".encode())[:16]


def _mac(master: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA-256; a copy of the keyed state costs a third of keying it again for each message."""
    keyed = _keyed(master).copy()
    keyed.update(message)
    return keyed.finalize()


@lru_cache(maxsize=8)
def _keyed(master: bytes) -> HMAC:
    return HMAC(master, SHA256())


@lru_cache(maxsize=8)
def _master_cipher(master: bytes) -> AESGCM:
    return AESGCM(hashlib.sha256(b"unasked quarantine" + master).digest())


class PersonSeal:
    """Seals and opens the fields of one person."""

    __slots__ = ("_cipher",)

    def __init__(self, cipher: AESGCM) -> None:
        self._cipher = cipher

    def seal(self, *, value: bytes, place: str) -> bytes:
        """Encrypt a value for one place (field or record)."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, value, place.encode())

    def open(self, *, sealed: bytes, place: str) -> bytes:
        """Decrypt a value; raises SealError when key or place are not those it was sealed with."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except InvalidTag as error:
            raise SealError(f"{place}: the value cannot be opened with this key") from error


def new_salt() -> bytes:
    """Return a fresh salt for a person's data key."""
    return os.urandom(16)
