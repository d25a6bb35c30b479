"""Files that only their user may read."""

from pathlib import Path

from stack import private


def test_a_file_that_others_could_read_is_no_longer_theirs(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("An older one, which is longer.")
    path.chmod(0o644)
    private.write(path, b"secret")
    assert path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o777 == 0o600
