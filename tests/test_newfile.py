import os
import stat
from pathlib import Path

import pytest

from bot.errors import InputError
from bot.newfile import new_file


def test_a_file_appears_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    with new_file(file, overwrite=False) as place:
        place.write_text("half", "utf-8")
        assert not file.exists()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert file.read_text("utf-8") == "half"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_what_fails_half_way_leaves_the_older_file_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("older", "utf-8")

    def fail(place: Path) -> None:
        place.write_text("half", "utf-8")
        raise KeyError(place)

    with pytest.raises(KeyError), new_file(file, overwrite=True) as place:
        fail(place)
    assert file.read_text("utf-8") == "older"
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_disk_is_told_as_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught, new_file(tmp_path / "roster.csv", overwrite=False):
        Path("/dev/full").write_text("x", "utf-8")
    assert (caught.value.key, caught.value.values["reason"]) == ("unwritable", "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_a_link_goes_on_pointing_to_its_file(tmp_path: Path) -> None:
    file, link = tmp_path / "roster.csv", tmp_path / "link.csv"
    file.write_text("older", "utf-8")
    link.symlink_to(file)
    with new_file(link, overwrite=True) as place:
        place.write_text("newer", "utf-8")
    assert link.is_symlink()
    assert file.read_text("utf-8") == "newer"


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("name", ["missing/roster.csv", "", os.devnull, "x" * 300, "file/roster.csv"])
def test_a_place_where_no_file_can_be_is_told(tmp_path: Path, name: str, overwrite: bool) -> None:  # noqa: FBT001 - a parameter of the test
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(InputError, match="unwritable"), new_file(tmp_path / name, overwrite=overwrite) as place:
        place.write_text("x", "utf-8")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
