"""An office on Telegram with two answers, as its settings say it to ``gem-saathi run``."""

from pathlib import Path

from bot.app import App
from bot.channels.registry import CHANNELS
from bot.config import Settings
from tests.fakes.telegram import TOKEN

FAQ = """\
category: {id: office, title: कार्यालय}
entries:
  - {id: tea, title: चाय, answer: चाय यहाँ मिलती है।, questions: [चाय कहाँ मिलेगी, chai kahan milti hai, chai do]}
  - {id: book, title: किताब, answer: किताब वहाँ है।, questions: [किताब कहाँ है, pustak dikhao, kitab chahiye]}
"""
QUESTIONS, ANSWERS = ("चाय कहाँ मिलेगी", "किताब कहाँ है"), ("चाय यहाँ मिलती है।", "किताब वहाँ है।")
# As many messages may be on their way when a process is killed.
AT_ONCE = CHANNELS["telegram"].pace(Settings()).at_once or 0


def office(folder: Path, database: str, port: int, shipped: App) -> dict[str, str]:
    """
    The environment of its processes.

    Args:
        folder: of its own.
        database: where it is.
        port: of the fake Bot API.
        shipped: whose cache is used.
    """
    (folder / "faq").mkdir()
    (folder / "faq" / "office.yaml").write_text(FAQ, "utf-8")
    return {
        "GEM_SAATHI_CACHE_DIR": str(shipped.settings.cache_dir),
        "GEM_SAATHI_FAQ_DIR": str(folder / "faq"),
        "GEM_SAATHI_DATABASE": database,
        "GEM_SAATHI_TELEGRAM_TOKEN": TOKEN,
        "GEM_SAATHI_TELEGRAM_BASE_URL": f"http://127.0.0.1:{port}/bot",
        "GEM_SAATHI_TELEGRAM_PER_SECOND": "1000",
    }
