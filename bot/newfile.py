"""
Writes a file whole or not at all, readable by its owner only.

What the office exports holds names and phone numbers, so the file is never open to others, not even while it is
written; and a full disk never leaves half a list under the name of a whole one.
"""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import InputError


@contextmanager
def new_file(path: Path, *, overwrite: bool) -> Iterator[Path]:
    """
    A place to write to, which becomes ``path`` when the block ends and vanishes when it fails.

    Raises:
        InputError: ``path`` is there already and is not to be overwritten, or it cannot be written.
    """
    try:
        target = path.resolve()
        if target.exists() and not target.is_file():
            # Neither a folder nor a device is to be replaced.
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if target.exists() and not overwrite:
            raise InputError("file-exists", path=path)
        descriptor, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            yield temporary
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise InputError("unwritable", path=path, reason=error.strerror or str(error)) from error
