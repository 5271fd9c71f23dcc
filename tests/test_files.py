from pathlib import Path

import pytest

from gradproof.errors import InputError
from gradproof.files import LIMIT, check_output, read_text, write_whole


def put(tmp_path, data, name="notes.md"):
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_line_ends_and_byte_order_mark_are_made_uniform(tmp_path):
    document = read_text(put(tmp_path, b"\xef\xbb\xbfa\r\nb\rc\n"))
    assert document.text == "a\nb\nc\n"
    assert not document.warning


@pytest.mark.parametrize(
    ("data", "text", "encoding"), [(b"a \x97 b", "a — b", "cp1252"), (b"\x97\x81", "\x97\x81", "latin-1")]
)
def test_other_encodings_are_read_with_a_warning(tmp_path, data, text, encoding):
    document = read_text(put(tmp_path, b"first\n" + data))
    assert document.text == "first\n" + text
    assert f"not UTF-8 (byte 0x97 in line 2): read as {encoding}" in document.warning


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"text\0more", "not a text file: it holds a NUL byte at offset 4"),
        ("a = b".encode("utf-16"), "save it as UTF-8"),
        (b"x" * (LIMIT + 1), "is larger than 10 MB"),
    ],
    ids=["empty", "blank", "binary", "utf-16", "enormous"],
)
def test_what_is_no_document_is_refused(tmp_path, data, message):
    with pytest.raises(InputError, match=message):
        read_text(put(tmp_path, data))


def test_a_missing_file_names_its_neighbours(tmp_path):
    put(tmp_path, b"x", "notes.md")
    with pytest.raises(InputError, match=r"did you mean .*notes\.md\?"):
        read_text(tmp_path / "note.md")
    with pytest.raises(InputError, match="there is no folder"):
        read_text(tmp_path / "nowhere" / "note.md")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="is a folder"):
        read_text(tmp_path)


def test_an_existing_output_is_refused_unless_forced(tmp_path):
    path = put(tmp_path, b"precious", "out.py")
    with pytest.raises(InputError, match=r"exists and is not overwritten\n.*--force"):
        check_output(path)
    check_output(path, force=True)
    check_output(tmp_path / "new.py")


def test_the_input_itself_is_never_overwritten(tmp_path):
    path = put(tmp_path, b"notes")
    with pytest.raises(InputError, match="is the input itself"):
        check_output(path, force=True, source=path)


def test_an_output_needs_its_folder_and_a_regular_file(tmp_path):
    with pytest.raises(InputError, match="there is no folder"):
        check_output(tmp_path / "nowhere" / "out.py")
    with pytest.raises(InputError, match="it is a folder\n  help: name a file in it"):
        check_output(tmp_path, force=True)
    with pytest.raises(InputError, match="not a regular file"):
        check_output(Path("/dev/null"), force=True)


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out.txt"
    write_whole(path, "σ\n")
    assert path.read_bytes() == "σ\n".encode()
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half \ud800")
    assert path.read_bytes() == "σ\n".encode()
    assert [p.name for p in tmp_path.iterdir()] == ["out.txt"]


def test_a_symbolic_link_stays_one(tmp_path):
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_text("old")
    link.symlink_to(real)
    write_whole(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
