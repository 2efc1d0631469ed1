"""``gem-saathi bench``: how fast this machine answers."""

import typer

app = typer.Typer(help="How fast this machine answers.", no_args_is_help=True)


@app.command()
def matching() -> None:
    """Placeholder."""
