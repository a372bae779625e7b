from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters.disk.checksummed import keep_newest, read_sealed, write_sealed

HERE = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@HERE
@given(content=st.binary(max_size=200), at=st.integers(0), bit=st.integers(0, 7))
def test_a_single_altered_bit_is_noticed(tmp_path, content, at, bit):
    file = tmp_path / "kept"
    write_sealed(file, content)
    assert read_sealed(file) == content

    written = bytearray(file.read_bytes())
    written[at % len(written)] ^= 1 << bit
    file.write_bytes(written)

    assert read_sealed(file) is None


def test_what_is_missing_is_none(tmp_path):
    assert read_sealed(tmp_path / "nothing") is None


def test_no_draft_stays_behind(tmp_path):
    (tmp_path / "taken").mkdir()

    write_sealed(tmp_path / "taken", b"a folder is in the way")
    write_sealed(tmp_path / "free", b"content")

    assert sorted(file.name for file in tmp_path.iterdir()) == ["free", "taken"]


def test_only_the_newest_are_kept(tmp_path):
    for at in range(5):
        write_sealed(tmp_path / str(at), b"")
        (tmp_path / str(at)).touch()

    keep_newest(tmp_path, 2)

    assert {file.name for file in tmp_path.iterdir()} <= {"2", "3", "4"}
    assert len(list(tmp_path.iterdir())) == 2
