"""The files of a folder of answers, as texts: read, laid out elsewhere, written where they are different."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.content.faq import faq_files
from bot.errors import ContentError, Fault
from bot.newfile import new_file

GOLDEN = "golden.tsv"

# Name -> text.
Files = Mapping[str, str]


def read_files(folder: Path) -> dict[str, str]:
    """
    The files of a folder of answers, name -> text.

    Raises:
        ContentError: one cannot be read.
    """
    files, faults = {}, []
    golden = folder / GOLDEN
    try:
        names = [*faq_files(folder), *([golden] if golden.is_file() else [])]
    except OSError as error:
        raise ContentError(
            [Fault("no-folder", str(folder), values={"reason": error.strerror or str(error)})]
        ) from error
    for file in names:
        try:
            files[file.name] = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            faults.append(Fault("not-utf8", f"{folder.name}/{file.name}"))
        except OSError as error:
            reason = error.strerror or str(error)
            faults.append(Fault("unreadable", f"{folder.name}/{file.name}", values={"reason": reason}))
    if faults:
        raise ContentError(faults)
    return files


@contextmanager
def unpacked(files: Files) -> Iterator[Path]:
    """A folder with these files, gone at the end; it is called as staff know it, for faults name it."""
    with TemporaryDirectory(prefix="gem-saathi-") as place:
        folder = Path(place) / "faq"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_bytes(text.encode())
        yield folder


def write_changed(folder: Path, before: Files, after: Files) -> None:
    """
    Write the files that are different; each whole or not at all.

    Raises:
        InputError: one cannot be written.
    """
    for name, text in after.items():
        if text != before.get(name):
            with new_file(folder / name, overwrite=True) as place:
                place.write_bytes(text.encode())
