"""What the grammar expected, in a reader's words."""

from __future__ import annotations

from types import MappingProxyType

from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedInput, UnexpectedToken

from gradproof.derive.notation.lines import Source, Statement
from gradproof.errors import InputError

#: The grammar's terminals; several with the same words are named once.
_WORDS = MappingProxyType(
    {
        "NAME": "a name",
        "NUMBER": "a number",
        "REDUCTION": "a reduction such as sum[i]",
        "COMPARE": "a comparison (== != < <= > >=)",
        "PLUS": "+ or -",
        "MINUS": "+ or -",
        "TIMES": "* or /",
        "POWER": "**",
        "SUPERSCRIPT": "**",
        "LPAR": "(",
        "RPAR": ")",
        "LSQB": "[",
        "RSQB": "]",
        "COMMA": ",",
        "COLON": ":",
        "EQUAL": "=",
        "__ANON_0": ":=",
        "IN": "in",
        "NOT": "not(...)",
        "SIZE": "size",
        "FUNCTION": "function",
        "GIVEN": "given",
        "PARAM": "param",
        "SHAPE": "shape",
        "ADJOINT": "adjoint",
        "ASSUME": "assume",
        "OUTSIDE": "outside",
        "START": "start",
        "SOLVE": "solve",
        "$END": "the end of the line",
    }
)
_OPERAND = frozenset(("NAME", "NUMBER", "REDUCTION", "MINUS", "LPAR", "LSQB"))
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_LINES = frozenset(("GIVEN", "PARAM", "SHAPE", "ASSUME", "START"))


def explain(error: UnexpectedInput, source: Source, statement: Statement) -> InputError:
    """Return the error for the user: what stands there, where, what was expected, and what is often meant."""
    at, found = _place(error, statement)
    span = source.span(statement.offset + at, statement.offset + at + max(1, len(found)))
    message = f"{found!r} cannot stand here" if found else "the line ends too early"
    return InputError(message, where=span, expected=_expected(error), hint=_hint(found, error, statement.text[:at]))


def _place(error: UnexpectedInput, statement: Statement) -> tuple[int, str]:
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        return error.token.start_pos or 0, str(error.token)
    if isinstance(error, UnexpectedCharacters):
        return error.pos_in_stream, statement.text[error.pos_in_stream]
    return len(statement.text), ""


def _terminals(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    if isinstance(error, UnexpectedCharacters):
        return set(error.allowed or ())
    return set(error.expected) if isinstance(error, UnexpectedEOF) else set()


def _expected(error: UnexpectedInput) -> str:
    expected = _terminals(error)
    if expected >= _LINES:
        return "a declaration (given, param, shape, assume, start, outside) or an equation such as y[i] = 2*x[i]"
    words = []
    if expected >= _OPERAND:
        words.append("an expression")
        expected -= _OPERAND | {"PLUS", "NOT"}
    words += dict.fromkeys(w for t, w in _WORDS.items() if t in expected)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _hint(found: str, error: UnexpectedInput, before: str) -> str:
    expected = _terminals(error)
    if found == "^":
        return "write ** for a power"
    if found in ("=", "==") and "COMPARE" in expected | ({"COMPARE"} if found == "==" else set()):
        return "write == to compare inside brackets, = to define"
    if found == "==" and "EQUAL" in expected:
        return "write = to define; == compares inside brackets"
    if found in ("{", "}", "\\"):
        return "this looks like LaTeX; in the notation it is sum[i], x[i,j], a/b"
    if "TIMES" in expected and (found[:1].isalnum() or found in ("(", "[")):
        return "write * for a product"
    if found in _COMPARISONS and "RPAR" in expected:
        return "write [x > 0] for 1 where it holds and 0 elsewhere, or where(x > 0, a, b)"
    if found == ":" and before.count("[") != before.count("]"):
        return "slices are not part of the notation: give each axis an index"
    return ""
