"""What `make clean` removes, and what it refuses to remove."""

import os
from pathlib import Path

import pytest

from stack import contents, leftovers, whole
from stack.errors import StackError
from stack.servers import postgresql


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A stack's folder with some data."""
    made = tmp_path / ".stack"
    (made / "mongodb").mkdir(parents=True)
    (made / "mongodb" / "data").write_bytes(b"x" * 2_000_000)
    (made / "lock").touch()
    return made


def test_what_is_removed_is_said_with_its_size(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole.clean(folder)
    assert f"Removing the data and logs in {folder} (2 MB).\n" in capsys.readouterr().out
    assert not folder.exists()
    whole.clean(folder)
    assert capsys.readouterr().out == "There is nothing to remove.\n"


def test_a_folder_with_something_else_in_it_is_left_alone(folder: Path) -> None:
    (folder / "thesis.txt").touch()
    with pytest.raises(StackError, match=r"has thesis\.txt in it.*Nothing was removed"):
        whole.clean(folder)
    assert (folder / "mongodb" / "data").exists()


def test_the_data_of_a_stack_that_runs_are_left_alone(folder: Path) -> None:
    with leftovers.lock(folder), pytest.raises(StackError, match="already runs"):
        whole.clean(folder)
    assert (folder / "mongodb" / "data").exists()


def test_a_folder_that_is_a_link_is_emptied(folder: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    whole.clean(link)
    assert link.is_symlink()
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make folders of others")
def test_the_folder_of_another_user_is_not_started_in(folder: Path) -> None:
    contents.check_owner(folder)
    os.chown(folder, 65534, -1)
    with pytest.raises(StackError, match="belongs to nobody"):
        contents.check_owner(folder)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where data go that cannot be in the stack's folder."""
    made = tmp_path / "elsewhere"
    made.mkdir()
    monkeypatch.setattr(postgresql, "ELSEWHERE", made)
    return made


def home_of(folder: Path, elsewhere: Path) -> Path:
    home = elsewhere / f"{postgresql.ELSEWHERE_PREFIX}{folder.parent.name}"
    home.mkdir()
    (home / postgresql.OWNER_NOTE).write_text(f"{folder}\n")
    return home


def test_only_a_place_that_was_made_for_this_folder_is_removed(
    folder: Path, elsewhere: Path, tmp_path: Path
) -> None:
    note = folder / postgresql.ELSEWHERE_NOTE
    other = home_of(tmp_path, elsewhere)
    for home in (tmp_path, other):
        note.write_text(f"{home}\n")
        assert postgresql.elsewhere(folder) is None
    home = home_of(folder, elsewhere)
    note.write_text(f"{home}\n")
    whole.clean(folder)
    assert not home.exists()
    assert other.exists()


def test_data_stay_if_their_folder_may_only_be_away(elsewhere: Path, tmp_path: Path) -> None:
    removed = home_of(tmp_path / ".stack", elsewhere)
    unmounted = home_of(tmp_path / "disk" / ".stack", elsewhere)
    said: list[str] = []
    postgresql._sweep(said.append)
    away = tmp_path / "disk" / ".stack"
    assert set(said) == {
        f"Removing {removed}, the data of {tmp_path / '.stack'}, which was removed.",
        f"{unmounted} has the data of {away}, which is not there. If it is gone, remove them.",
    }
    assert not removed.exists()
    assert unmounted.exists()


def test_a_copied_server_is_open_to_the_user_that_runs_it(tmp_path: Path) -> None:
    program = tmp_path / "server" / "postgres"
    program.parent.mkdir(mode=0o700)
    program.touch(mode=0o700)
    (program.parent / "library.so").touch(mode=0o600)
    postgresql._open_to_all(program.parent)
    modes = [path.stat().st_mode & 0o777 for path in (program.parent, program)]
    assert modes == [0o755, 0o755]
    assert (program.parent / "library.so").stat().st_mode & 0o777 == 0o644
