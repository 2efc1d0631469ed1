"""``gem-saathi poster``: the poster for the office's wall."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.shared import Config, Lang, speak
from bot.newfile import new_file


def poster(
    out: Annotated[Path, typer.Option("--out", help="The PDF to write.")] = Path("poster.pdf"),
    telegram: Annotated[str | None, typer.Option("--telegram", help="The Telegram bot's name.")] = None,
    whatsapp: Annotated[str | None, typer.Option("--whatsapp", help="The WhatsApp number.")] = None,
    web: Annotated[str | None, typer.Option("--web", help="The web chat's address.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    config: Config = None,
    lang: Lang = None,
) -> None:
    """Make a poster (A4, PDF) with QR codes to the assistant; what is left out is taken from config.yaml."""
    # Libraries that no other command loads.
    from bot.channels.registry import WEB, switched_on  # noqa: PLC0415
    from bot.poster import Places  # noqa: PLC0415
    from bot.poster import poster as drawn  # noqa: PLC0415

    settings, phrases, language = speak(config, lang)
    known = settings.public_url if WEB in switched_on(settings) else ""
    given = Places(
        telegram=settings.telegram_name if telegram is None else telegram,
        whatsapp=settings.whatsapp_number if whatsapp is None else whatsapp,
        web=known if web is None else web,
    )
    places = given.checked(phrases.say("poster.hello", language))
    office = (settings.office_name, settings.office_phone)
    content = drawn(places, office, settings.web_colour, (phrases, language), datetime.now(UTC))
    with new_file(out, overwrite=force) as path:
        path.write_bytes(content)
    typer.echo(phrases.say("poster.made", language, path=out, count=len(places)))
