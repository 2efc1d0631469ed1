"""``python -m bot`` is ``gem-saathi``."""

from bot.cli import main

main()
