"""Photos and papers that can go along with an announcement."""

# What all channels and most phones can do with a file.
MAX_FILE = 5_000_000
# What a file begins with -> what it is. What somebody says that it is proves nothing.
_BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"%PDF-": "application/pdf"}
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
MEDIA_TYPES = tuple(_ENDINGS)
_MAX_NAME = 60


def media_type_of(content: bytes) -> str:
    """What a file is, by what is in it; "" where it cannot go along."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if content.startswith(beginning)), "")


def file_name(name: str, media_type: str) -> str:
    """What a file is called where people keep it."""
    ending = _ENDINGS[media_type]
    kept = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|').strip(". ")
    stem = kept[: -len(ending)] if kept.casefold().endswith(ending) else kept
    return f"{stem[:_MAX_NAME] or 'gem-saathi'}{ending}"
