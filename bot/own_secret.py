"""A secret of this installation alone: made once, and kept in a file that only its owner can read."""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

_BYTES = 32


def own_secret(file: Path) -> str:
    """
    The secret in a file, which is made where there is none.

    Raises:
        OSError: the file can be neither read nor made.
    """
    with suppress(FileNotFoundError):
        return file.read_text("ascii").strip()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(f"{secrets.token_hex(_BYTES)}\n")
        # Another process may be making it at this moment; the first one's counts.
        with suppress(FileExistsError):
            os.link(name, file)
    finally:
        Path(name).unlink()
    return file.read_text("ascii").strip()
