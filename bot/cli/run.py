"""
``gem-saathi run``: the assistant at work, on all channels that are switched on. ``gem-saathi web``: its web chat alone.

With nothing switched on, ``run`` runs the web chat on this computer, and says where.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence

import typer

from bot.cli.shared import Config, FaqDir, Lang, open_app
from bot.config import Settings, exposed, load_settings, unmet
from bot.content.faults import fault_lines
from bot.core.talk.phrases import Phrases
from bot.errors import SettingsError

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on, as a browser on this computer finds it


def run(faq: FaqDir = None, config: Config = None, lang: Lang = None) -> None:
    """Run the assistant on all channels that config.yaml switches on; with none, the web chat on this computer."""
    from bot.channels.registry import switched_on  # noqa: PLC0415 - what no other command needs to load

    _serve(switched_on, faq, config, lang)


def web(faq: FaqDir = None, config: Config = None, lang: Lang = None) -> None:
    """Run the web chat alone: to try answers before they are published, or where there is nothing else."""
    _serve(lambda _: ["web"], faq, config, lang)


def _serve(channels: Callable[[Settings], Sequence[str]], faq: FaqDir, config: Config, lang: Lang) -> None:
    from bot.logs import set_up  # noqa: PLC0415 - as above
    from bot.running import run as run_all  # noqa: PLC0415
    from bot.server import listen  # noqa: PLC0415

    settings = load_settings(config)
    names = channels(settings)
    if faults := unmet(settings, names):
        raise SettingsError(faults)
    app, language = open_app(config, faq, lang)
    set_up(settings.log_format, settings.secrets())
    if warnings := exposed(config):
        sys.stderr.write("\n".join(fault_lines(warnings, app.phrases, language)) + "\n")
    with listen(settings.listen_host, settings.listen_port) as listening:
        port = int(listening.getsockname()[1])
        code = asyncio.run(run_all(app, names, listening, lambda: _say(app.phrases, language, settings, names, port)))
    raise typer.Exit(code)


def _say(phrases: Phrases, language: str, settings: Settings, names: Sequence[str], port: int) -> None:
    """Say what runs, and where."""
    host = _ANY.get(settings.listen_host, settings.listen_host)
    here = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    is_alone = settings.web is None and settings.telegram_token is None and list(names) == ["web"]
    for name in names:
        if name == "web":
            address = f"{settings.public_url.rstrip('/') or here}/"
            sys.stdout.write(phrases.say("run.web-alone" if is_alone else "run.web", language, address=address) + "\n")
        else:
            sys.stdout.write(phrases.say("run.channel", language, name=name) + "\n")
    sys.stdout.write(phrases.say("run.how-to-stop", language) + "\n")
    sys.stdout.flush()
