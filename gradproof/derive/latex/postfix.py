r"""What follows an atom: subscripts, labels, powers, transposes, primes."""

from __future__ import annotations

from gradproof.derive.latex.cursor import Cursor
from gradproof.derive.latex.names import GREEK, labelled, text_name
from gradproof.derive.latex.symbols import head
from gradproof.derive.latex.tree import Mul, Num, Paren, Power, Sym, Transpose, Tree

_TRANSPOSES = ("\\top", "\\intercal")


def symbol(cursor: Cursor) -> Sym:
    """Read a symbol with its subscripts, its label and its primes; a power stays for `powers`."""
    start = cursor.token.start
    name, bold = head(cursor)
    subs: tuple[Tree, ...] = ()
    paren, numbered, primes, labels = "", "", 0, 0
    while cursor.token.kind != "end":
        if cursor.text == "'":
            cursor.next()
            primes += 1
        elif cursor.text == "_":
            found, label = subscripts(cursor)
            if subs or (label and labels):
                raise cursor.error("two subscripts at one symbol", at=(start, cursor.last_end), expected="x_{i,j}")
            subs = found
            numbered = name if label.isdigit() else numbered
            name, labels = (labelled(name, label), labels + 1) if label else (name, labels)
        elif cursor.text == "^" and (label := _label_above(cursor)):
            if label.isalpha() and len(label) == 1 and not labels:
                paren = label
            else:
                name, labels = labelled(name, label), labels + 1
        else:
            break
    return Sym(name, bold, subs, paren, primes, (start, cursor.last_end), numbered)


def subscripts(cursor: Cursor) -> tuple[tuple[Tree, ...], str]:
    r"""Read `_i`, `_{i,c}`, `_{ic}`, `_{t-1}` (indices) or `_{\text{out}}` (a label)."""
    from gradproof.derive.latex.reader import expression
    from gradproof.derive.latex.special import argument

    cursor.expect("_")
    if cursor.text != "{":
        token = cursor.token
        if token.kind == "number" and len(token.text) > 1:
            raise cursor.error(f"`_{token.text}` without braces", expected=f"_{{{token.text}}}")
        return _split([argument(cursor)])
    if cursor.ahead() == "\\text":
        return (), _text_label(cursor)
    cursor.next()
    items = []
    with cursor.nested():
        while True:
            items.append(expression(cursor))
            if not cursor.accept(","):
                break
    cursor.expect("}")
    return _split(items)


def _text_label(cursor: Cursor) -> str:
    cursor.next()
    cursor.next()
    raw = cursor.braced()
    cursor.expect("}")
    label = text_name(raw).replace("_", "")
    if not label:
        raise cursor.error("an empty label", expected=r"x_{\text{out}}")
    return label


def _split(items: list[Tree]) -> tuple[tuple[Tree, ...], str]:
    """Take letters side by side apart: `p_{ic}` has two indices. A lone number is a label: `W_1`."""
    if len(items) == 1 and isinstance(items[0], Num) and items[0].text.isdigit():
        return (), items[0].text
    out: list[Tree] = []
    for item in items:
        letters = isinstance(item, Mul) and all(
            op == "" and isinstance(f, Sym) and not f.subs for op, f in item.factors
        )
        out.extend([f for _, f in item.factors] if isinstance(item, Mul) and letters else [item])
    return tuple(out), ""


def _label_above(cursor: Cursor) -> str:
    """Take `^{(i)}`, `^{[1]}`, `^{(l-1)}`, `^*` and return what is inside, or take nothing and return ""."""
    t = [cursor.ahead(j) for j in range(1, 9)]
    if t[0] in ("*", "\\star"):
        cursor.at += 2
        return "*"
    braced = t[0] == "{"
    if braced and t[1:3] in (["*", "}"], ["\\star", "}"]):
        cursor.at += 4
        return "*"
    t = t[1:] if braced else []
    if not t or t[0] not in ("(", "["):
        return ""
    close = {"(": ")", "[": "]"}[t[0]]
    if t[1] == "\\text" and (found := _text_above(cursor, close)):
        return found
    for width in (1, 3):
        if t[width + 1 : width + 3] == [close, "}"] and _is_label(t[1 : width + 1]):
            cursor.at += width + 5
            return "".join(GREEK.get(x.lstrip("\\"), x) if x.startswith("\\") else x for x in t[1 : width + 1])
    return ""


def _text_above(cursor: Cursor, close: str) -> str:
    place = cursor.at
    cursor.at += 4
    label = text_name(cursor.braced()).replace("_", "") if cursor.text == "{" else ""
    if label and cursor.accept(close) and cursor.accept("}"):
        return label if len(label) > 1 else label + ""
    cursor.at = place
    return ""


def _is_label(words: list[str]) -> bool:
    simple = all(w.isalnum() or (w[:1] == "\\" and w[1:] in GREEK) for w in words[::2])
    return simple and (len(words) == 1 or (words[1] in ("+", "-") and words[2].isdigit()))


def exponent(cursor: Cursor) -> Tree:
    """Read what stands after `^`."""
    from gradproof.derive.latex.special import argument

    cursor.expect("^")
    return argument(cursor)


def powers(cursor: Cursor, base: Tree) -> Tree:
    """Read powers and transposes of an atom; one of each at most, since `a^b^c` is no LaTeX."""
    start = base.at[0]
    if cursor.text == "_" and cursor.token.kind != "end":
        raise cursor.error("a subscript at something that is no symbol", expected="x_i, or (...)^2")
    if cursor.text != "^" or cursor.token.kind == "end":
        return base
    if letter := _transpose(cursor):
        out: Transpose | Power = Transpose(base, letter == "T", (start, cursor.last_end))
    else:
        out = Power(base, exponent(cursor), (start, cursor.last_end))
    if cursor.text == "_" and isinstance(base, Sym) and not base.subs and cursor.token.kind != "end":
        return _late_subscripts(cursor, base, out)
    if cursor.text in ("^", "'") and cursor.token.kind != "end":
        raise cursor.error("two superscripts at one symbol", expected="braces: {x^{(1)}}^2")
    return out


def _late_subscripts(cursor: Cursor, base: Sym, power: Transpose | Power) -> Tree:
    """Read `x^2_i` as `x_i^2`."""
    subs, label = subscripts(cursor)
    name = labelled(base.name, label) if label else base.name
    moved = Sym(name, base.bold, subs, base.paren, base.primes, base.at)
    place = (base.at[0], cursor.last_end)
    if isinstance(power, Transpose):
        return Transpose(moved, power.letter, place)
    return Power(moved, power.exponent, place)


def _transpose(cursor: Cursor) -> str:
    r"""Take `^T`, `^\top`, `^{\mathsf{T}}` and return T or top; else nothing is taken."""
    t = [cursor.ahead(j) for j in range(1, 8)]
    if t[0] in ("T", *_TRANSPOSES):
        cursor.at += 2
        return "T" if t[0] == "T" else "top"
    if t[0] == "{" and t[2] == "}" and t[1] in ("T", *_TRANSPOSES):
        cursor.at += 4
        return "T" if t[1] == "T" else "top"
    if t[:6] == ["{", "\\text", "{", "T", "}", "}"]:
        cursor.at += 7
        return "top"
    return ""


def after_call(cursor: Cursor) -> tuple[Tree | None, tuple[Tree, ...]]:
    """Read what follows f(x): a power, or the subscripts of a vector-valued function."""
    subs: tuple[Tree, ...] = ()
    power = None
    if cursor.text == "_" and cursor.token.kind != "end":
        subs, label = subscripts(cursor)
        if label:
            raise cursor.error("a label after a function's argument", expected=r"f(x)_i")
    if cursor.text == "^" and cursor.token.kind != "end" and not _is_transposed(cursor):
        power = exponent(cursor)
    return power, subs


def _is_transposed(cursor: Cursor) -> bool:
    place = cursor.at
    found = bool(_transpose(cursor))
    cursor.at = place
    return found


def unwrap(tree: Tree) -> Tree:
    """Return what stands inside single parentheses."""
    while isinstance(tree, Paren) and len(tree.items) == 1:
        tree = tree.items[0]
    return tree
