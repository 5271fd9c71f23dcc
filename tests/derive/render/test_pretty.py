from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gradproof.derive.render.pretty import (
    Align,
    Break,
    Group,
    Join,
    Lead,
    Word,
    break_lines,
    join,
    row_text,
    width_of,
    words,
)

TERMS = join(Word("aaaa"), Break(" "), Word("+ "), Word("bbbb"), Break(" "), Word("+ "), Word("cccc"))


def text(doc, width):
    return [row_text(r) for r in break_lines(doc, width)]


def test_one_line_where_it_fits():
    assert text(Group(TERMS), 18) == ["aaaa + bbbb + cccc"]


def test_all_breaks_of_a_group_or_none():
    assert text(Group(TERMS), 17) == ["aaaa", "+ bbbb", "+ cccc"]


def test_the_outer_group_breaks_before_the_inner():
    inner = Group(join(Word("("), Align(Group(TERMS)), Word(")")))
    outer = Group(join(Word("xxxx"), Break(" "), Word("+ "), inner))
    assert text(outer, 22) == ["xxxx", "+ (aaaa + bbbb + cccc)"]


def test_align_hangs_under_its_beginning():
    assert text(join(Word("f("), Align(Group(TERMS)), Word(")")), 12) == ["f(aaaa", "  + bbbb", "  + cccc)"]


def test_words_are_numbered_in_order():
    numbers = [p.number for r in break_lines(Group(TERMS), 8) for p in r if p.number >= 0]
    assert numbers == list(range(len(words(TERMS))))


def test_combining_marks_take_no_column():
    assert width_of("x\u0302") == 1


words_of = st.text("abc", min_size=1, max_size=9).map(Word)
docs = st.recursive(
    words_of,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(
            lambda parts: Group(Align(Join(tuple(x for p in parts for x in (Break(" "), p))[1:])))
        ),
    ),
    max_leaves=12,
)


@given(docs, st.integers(9, 60))
def test_no_word_is_lost_and_no_row_is_too_wide(doc, width):
    rows = break_lines(doc, width)
    assert "".join(text(doc, width)).replace(" ", "") == "".join(w.text for w in words(doc))
    assert all(width_of(row_text(r)) <= width for r in rows)


def test_a_lead_keeps_its_body_on_the_line_unless_it_would_hang_too_deep():
    def product(before):
        body = join(Word("("), Align(Group(TERMS)), Word(")"))
        return Align(join(Word(before), Lead(join(Break(), Word("·")), body)))

    assert text(product("x"), 12) == ["x·(aaaa", "   + bbbb", "   + cccc)"]
    assert text(product("xxxxxx"), 14) == ["xxxxxx", "·(aaaa", "  + bbbb", "  + cccc)"]
