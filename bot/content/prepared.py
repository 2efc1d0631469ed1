"""
An FAQ folder, read, checked and learnt; kept on disk by the hash of what it was made from.

Reading and learning take seconds, and nothing in them depends on anything but the files and this program. So the result
lies in the cache folder under a name made of both; a changed file or a changed program simply has another name. A cache
that cannot be written or read costs time, never correctness.
"""

import contextlib
import hashlib
import io
import os
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

import bot
from bot.content.faq import LoadedFaq, faq_files, load_faq
from bot.core.answers.index import Index, Progress, unseen
from bot.core.answers.matcher import learn_faq
from bot.core.talk.phrases import Phrases

_KEPT = 6  # as many FAQs as a person tries out in a day
_LOADED = TypeAdapter(LoadedFaq)
# What numpy and zipfile were seen to raise for files that are cut, flipped or something else altogether.
_DAMAGE = (
    OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, NotImplementedError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
_ARRAYS = ("rarity", "starts", "seen_in", "evidence", "floor")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a matcher is made from."""

    loaded: LoadedFaq
    index: Index


def prepare(folder: Path, phrases: Phrases, cache: Path, progress: Progress = unseen) -> Prepared:
    """
    Read, check and learn an FAQ folder, or take what an earlier run kept.

    Args:
        folder: the FAQ.
        phrases: to measure answers as people will see them.
        cache: folder of kept results; made if need be.
        progress: called with (texts done, texts in all) while learning.

    Raises:
        ContentError: the FAQ has faults; all of them.
    """
    kept = cache / f"faq-{_fingerprint(folder, phrases)}.npz"
    prepared = _read(kept)
    if prepared is None:
        loaded = load_faq(folder, phrases)
        prepared = Prepared(loaded, learn_faq(loaded.faq, progress))
        _write(kept, prepared)
    return prepared


def _fingerprint(folder: Path, phrases: Phrases) -> str:
    """Names everything that the result depends on; an unreadable folder has a name too, and faults when it is read."""
    texts = [(language, sorted(its.items())) for language, its in sorted(phrases.texts.items())]
    digest = hashlib.sha256(repr(texts).encode())
    program = Path(bot.__file__).parent
    for file in sorted([*program.glob("core/**/*.py"), *program.glob("content/*.py"), program / "strictyaml.py"]):
        digest.update(file.read_bytes())
    with contextlib.suppress(OSError):
        for file in faq_files(folder):
            digest.update(f"\0{folder.name}/{file.name}\0{file.stat().st_size}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:24]


def _read(kept: Path) -> Prepared | None:
    try:
        with kept.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            loaded = _LOADED.validate_json(arrays["loaded"].tobytes())
            features = arrays["features"].tobytes().decode().split("\n")
            classes = tuple(arrays["classes"].tobytes().decode().split("\n"))
            learnt = {name: arrays[name] for name in _ARRAYS}
            texts = arrays["texts"].tobytes().decode().split("\n")
            known = dict(zip(texts, arrays["labels"].tolist(), strict=True))
    except _DAMAGE:
        return None
    rows = {name: row for row, name in enumerate(features)}
    return Prepared(loaded, Index(classes, rows, **learnt, texts=known))


def _write(kept: Path, prepared: Prepared) -> None:
    index = prepared.index
    texts = {
        "loaded": _LOADED.dump_json(prepared.loaded),
        "features": "\n".join(index.features).encode(),
        "classes": "\n".join(index.classes).encode(),
        "texts": "\n".join(index.texts).encode(),
    }
    buffer = io.BytesIO()
    np.savez(
        buffer,
        allow_pickle=False,
        **{name: np.frombuffer(text, np.uint8) for name, text in texts.items()},
        labels=np.fromiter(index.texts.values(), np.int32),
        **{name: getattr(index, name) for name in _ARRAYS},
    )
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Another process may read or write the same name now: it sees the old file, the new one, or none.
        handle, temporary = tempfile.mkstemp(dir=kept.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(buffer.getbuffer())
            Path(temporary).replace(kept)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
        _forget_old(kept.parent)


def _forget_old(cache: Path) -> None:
    def age(file: Path) -> float:
        try:
            return -file.stat().st_mtime
        except OSError:
            return 0.0

    # A process that was killed while writing leaves its part; no living one needs as long as an older file's age.
    for pattern, kept in (("faq-*.npz", _KEPT), ("*.part", _KEPT)):
        for file in sorted(cache.glob(pattern), key=age)[kept:]:
            file.unlink(missing_ok=True)
