"""Which words of an equation are new against the equation before: what a terminal colours."""

from __future__ import annotations

from difflib import SequenceMatcher

from gradproof.derive.render.pretty import Doc, Word, words

#: Words that say nothing alone: a change of these only is not worth a colour.
_PUNCTUATION = frozenset({"", "operator"})
#: If more of an equation is new than this, colouring it would single out nothing. A matter of taste.
MOST = 0.85


def changed(before: Doc | None, after: Doc) -> frozenset[int]:
    """Return the numbers of the words of `after` that are not in `before`, in the order in which both are read."""
    if before is None:
        return frozenset()
    old, new = _units(words(before)), _units(words(after))
    matcher = SequenceMatcher(None, [t for t, _, _ in old], [t for t, _, _ in new], autojunk=False)
    found: set[int] = set()
    for kind, _, _, start, stop in matcher.get_opcodes():
        run = new[start:stop]
        if kind in ("replace", "insert") and any(telling for _, _, telling in run):
            found.update(n for _, numbers, _ in _trimmed(run) for n in numbers)
    return frozenset(found) if len(found) <= MOST * len(words(after)) else frozenset()


Unit = tuple[str, list[int], bool]


def _units(given: tuple[Word, ...]) -> list[Unit]:
    """Join each name with its index: `p[i,c]` and `Σ[k]` change as a whole."""
    out: list[Unit] = []
    for number, word in enumerate(given):
        if word.role == "index" and out:
            text, numbers, _ = out[-1]
            out[-1] = (text + word.text, [*numbers, number], True)
        elif word.text.strip():
            out.append((word.text.strip(), [number], word.role not in _PUNCTUATION))
    return out


def _trimmed(run: list[Unit]) -> list[Unit]:
    """Leave out operators and brackets at the ends of a run of changes."""
    telling = [k for k, unit in enumerate(run) if unit[2]]
    return run[telling[0] : telling[-1] + 1]
