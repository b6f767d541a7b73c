"""Master keys for personal identifiers: from the settings, or made once for the embedded default."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from models.sealing import Keyring
from unasked.errors import Refusal
from unasked.settings import Profile, Settings

_FORM = 'write "id:base64 of 32 bytes", several separated by commas, the newest last'


def read_keyring(settings: Settings) -> Keyring:
    """Return the key ring; the embedded profile makes a key file in its home folder. Raises Refusal."""
    if settings.keys is not None:
        return parse_keys(settings.keys, place="UNASKED_KEYS")
    if settings.profile is not Profile.EMBEDDED:
        raise Refusal(f"UNASKED_KEYS: not set, and the profile {settings.profile} makes no key of its own; {_FORM}")
    return parse_keys(_own_key(settings.home / "keys"), place=str(settings.home / "keys"))


def scratch_keyring() -> Keyring:
    """Return a fresh key ring for a scratch database that nobody opens again."""
    return Keyring(newest="scratch", masters={"scratch": os.urandom(32)})


def parse_keys(text: str, *, place: str) -> Keyring:
    """Read a key ring from its text form; raises Refusal."""
    masters: dict[str, bytes] = {}
    for part in text.strip().split(","):
        name, _, encoded = part.strip().partition(":")
        try:
            master = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            master = b""
        if not name or len(master) != 32:
            raise Refusal(f"{place}: entry {name or '(empty)'!r} is no key; {_FORM}")
        masters[name] = master
    return Keyring(newest=list(masters)[-1], masters=masters)


def _own_key(path: Path) -> str:
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write("embedded:" + base64.b64encode(os.urandom(32)).decode())
        return path.read_text(encoding="utf-8")
    except OSError as error:
        message = f"{path}: cannot be written or read ({error.strerror}); choose a folder of your own with UNASKED_HOME"
        raise Refusal(message) from error


def written_keys(keyring: Keyring) -> str:
    """Return a key ring in its text form, the newest last; a secret."""
    names = [name for name in keyring.masters if name != keyring.newest] + [keyring.newest]
    return ",".join(f"{name}:{base64.b64encode(keyring.masters[name]).decode()}" for name in names)
