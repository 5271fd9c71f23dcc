"""PTX as a list of instructions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_ENTRY = re.compile(r"\.entry\s+(?P<name>[\w$]+)\s*\((?P<params>[^)]*)\)(?P<hints>[^{]*)\{", re.DOTALL)
_FUNCTION = re.compile(
    r"\.func\s*(?:\((?P<back>[^)]*)\))?\s*(?P<name>[\w$]+)\s*\((?P<params>[^)]*)\)(?P<hints>[^;{]*)\{", re.DOTALL
)
_CALL = re.compile(r"call(?:\.uni)?\s*(?:\((?P<back>[^)]*)\)\s*,)?\s*(?P<name>[\w$]+)\s*,?\s*(?:\((?P<given>[^)]*)\))?")
_VARIABLE = re.compile(
    r"\.(?P<space>shared|global|const|local)(?:\s+\.align\s+(?P<align>\d+))?\s+\.(?P<kind>\w+)\s+"
    r"(?P<name>[\w$]+)(?:\[(?P<count>\d*)\])?(?:\s*=\s*(?P<values>\{[^}]*\}|[^;{]+))?"
)
_STRUCTURE = re.compile(r"\.param\s+\.align\s+\d+\s+\.b8\s+(?P<name>[\w$]+)\[(?P<size>\d+)\](?P<end>\s*;)?")
_REGISTERS = re.compile(r"\.reg\s+\.(?P<kind>\w+)\s+(?P<names>.+)", re.DOTALL)
_LABEL = re.compile(r"\s*([\w$]+):(?!:)")
_PREDICATED = re.compile(r"@(!?)(%\w+)\s+(.*)", re.DOTALL)
#: Labels, and what a function has in memory.
_OWN = re.compile(r"^\s*(?:(?=[\w$]+:)|\.local\s[^;\[]*?)([\w$]+)[:\[]", re.MULTILINE)
_SCOPES = " \n\t{}"
_OPERAND = re.compile(r"\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*")

BYTES = {"pred": 1} | {f"{k}{n}": n // 8 for k in "busf" for n in (8, 16, 32, 64)} | {"bf16": 2}


@dataclass(frozen=True, slots=True)
class Instruction:
    """Attributes:
    name: the parts of the operation: `("ld", "global", "f32")`.
    operands: as they are written; braces and brackets whole.
    condition: (the register, whether it must be false), or None.
    """

    name: tuple[str, ...]
    operands: tuple[str, ...]
    condition: tuple[str, bool] | None = None

    def __str__(self) -> str:
        return f"{'.'.join(self.name)} {', '.join(self.operands)}"


@dataclass(frozen=True, slots=True)
class Variable:
    """What has an address: its space, its bytes, how it is aligned, and what stands in it at first."""

    space: str
    name: str
    size: int
    align: int
    values: bytes = b""


@dataclass(slots=True)
class Program:
    """Attributes:
    name: of the kernel.
    params: {name: type} in order.
    registers: {name: type}; `%r<5>` are five.
    variables: of the module and of the kernel.
    code: the instructions; labels are the numbers of those that they stand before.
    """

    name: str
    params: dict[str, str] = field(default_factory=dict)
    registers: dict[str, str] = field(default_factory=dict)
    variables: list[Variable] = field(default_factory=list)
    code: list[Instruction] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Function:
    """A function that kernels call: what it gives back, what it takes, and its text."""

    back: tuple[str, ...]
    params: tuple[str, ...]
    body: str


def read(text: str) -> Program:
    """Return the one kernel of a PTX text; the functions that it calls stand in their callers."""
    text = _in_words(_COMMENT.sub("", text))
    (entry,) = _ENTRY.finditer(text)
    program = Program(_plain(entry["name"]))
    program.params.update(_declared(entry["params"]))
    before = (_variable(s) for s in _statements(text[: entry.start()]))
    program.variables += [v for v in before if v and v.space != "local"]
    functions = {
        f["name"]: _Function(tuple(_declared(f["back"] or "")), tuple(_declared(f["params"])), _inside(text, f.end()))
        for f in _FUNCTION.finditer(text)
    }
    for statement in _statements(_with_bodies(_inside(text, entry.end()), functions)):
        _read_statement(program, statement)
    return program


def _in_words(text: str) -> str:
    """Return the text with several results of a function where they are one structure: a word of 8 bytes for each."""
    while found := _STRUCTURE.search(text):
        end = _scope(text, found.end())
        part = _taken_apart(text[found.end() : end], found["name"], words := _words(found))
        declared = f"{found['end'] or ','} ".join(f".param .b64 {w}" for w in words) + (found["end"] or "")
        text = text[: found.start()] + declared + part + text[end:]
    return text


def _words(found: re.Match[str]) -> list[str]:
    return [f"{found['name']}_at_{start}" for start in range(0, int(found["size"]), 8)]


def _taken_apart(text: str, name: str, words: list[str]) -> str:
    text = re.sub(rf"\({name}\)", f"({', '.join(words)})", text)
    return re.sub(rf"\[{name}\+(\d+)\]", lambda at: f"[{words[int(at[1]) // 8]}+{int(at[1]) % 8}]", text)


def _scope(text: str, start: int) -> int:
    """Return where a name ends that is declared before that place: of a call, or of a function and its body."""
    of_function, depth = text[start - 1] != ";", 0
    for found in re.finditer(r"[{};]", text[start:]):
        depth += {"{": 1, "}": -1, ";": 0}[found[0]]
        if depth < 0 or (of_function and depth == 0):  # where it is declared and no more, that is the semicolon
            return start + found.end()
    raise ValueError("a brace is not closed")


def _declared(text: str) -> dict[str, str]:
    """Return the types of parameters by their names."""
    parts = [re.findall(r"[\w$]+", p.replace(".param", "")) for p in text.split(",") if p.strip()]
    return {names[-1]: names[-2] for names in parts}


def _inside(text: str, start: int) -> str:
    """Return what stands behind an opening brace, up to the one that closes it."""
    depth = 1
    for found in re.finditer(r"[{}]", text[start:]):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return text[start : start + found.start()]
    raise ValueError("a brace is not closed")


def _with_bodies(text: str, functions: dict[str, _Function]) -> str:
    """Return a kernel's text with that of functions in the place of their calls, under names of their own.

    Parameters of calls are registers here, which `.param` declares in a body.
    """
    made = 0

    def body(found: re.Match[str]) -> str:
        nonlocal made
        made += 1
        function = functions[found["name"]]
        names = lambda text: [n.strip() for n in (text or "").split(",") if n.strip()]  # noqa: E731
        own = {*function.back, *function.params, *_OWN.findall(function.body)}
        inner = re.sub(r"%?[\w$]+(?:<\d+>)?", lambda n: _renamed(n[0], own, made), function.body)
        inner = re.sub(r"\bret(?:\.uni)?\s*;", f"bra $end_{made};", inner)
        declared = "".join(f".param .b64 {_renamed(n, own, made)};" for n in (*function.back, *function.params))
        given = "".join(
            f"mov.b64 {_renamed(n, own, made)}, {g};"
            for n, g in zip(function.params, names(found["given"]), strict=True)
        )
        back = "".join(
            f"mov.b64 {g}, {_renamed(n, own, made)};" for n, g in zip(function.back, names(found["back"]), strict=True)
        )
        return f"{declared}{given}{inner}; $end_{made}: {back}"

    text = re.sub(_CALL.pattern + r"\s*;", body, text, flags=re.DOTALL)
    return _with_bodies(text, functions) if _CALL.search(text) else text


def _renamed(name: str, own: set[str], number: int) -> str:
    """Return a function's name in the caller's text: of a register, a label or a parameter."""
    if found := re.fullmatch(r"(%(?:p|rs|rd|r|fd|f|hh|h|temp|SPL|SP))(\d*|<\d+>)", name):
        return f"{found[1]}_of_{number}_{found[2]}"
    return f"{name}_of_{number}_" if name in own else name


def _plain(name: str) -> str:
    """Return the last part of a mangled name, `_ZN`, then each part after its length."""
    part, rest = name, name.removeprefix("_ZN")
    while found := re.match(r"\d+", rest):
        end = found.end() + int(found[0])
        part, rest = rest[found.end() : end], rest[end:]
    return part


def _statements(text: str) -> Iterator[str]:
    """Give what stands between semicolons; the braces of scopes mean nothing here."""
    for part in text.split(";"):
        rest = part.lstrip(_SCOPES)
        while found := _LABEL.match(rest):
            yield found[0]
            rest = rest[found.end() :].lstrip(_SCOPES)
        if rest:
            yield rest.strip()


def _read_statement(program: Program, statement: str) -> None:
    if statement.endswith(":"):
        program.labels[statement[:-1].strip()] = len(program.code)
    elif found := re.match(r"\.param\s+\.(\w+)\s+([\w$]+)$", statement):
        program.registers[found[2]] = found[1]
    elif found := _REGISTERS.match(statement):
        for name in re.findall(r"%?[\w$]+(?:<\d+>)?", found["names"]):
            stem, _, count = name.rstrip(">").partition("<")
            names = [f"{stem}{k}" for k in range(int(count))] if count else [name]
            program.registers |= dict.fromkeys(names, found["kind"])
    elif variable := _variable(statement):
        program.variables.append(variable)
    elif not statement.startswith("."):
        program.code.append(_instruction(statement))


def _variable(statement: str) -> Variable | None:
    found = _VARIABLE.search(statement)
    if not found:
        return None
    unit, values = BYTES[found["kind"]], found["values"] or ""
    numbers = [int(n, 0) for n in re.findall(r"-?\w+", values)]
    size = max(int(found["count"] or 1), len(numbers)) * unit
    data = b"".join((n % (1 << 8 * unit)).to_bytes(unit, "little") for n in numbers)
    return Variable(found["space"], found["name"], size, int(found["align"] or unit), data.ljust(size, b"\0"))


def _instruction(statement: str) -> Instruction:
    condition = None
    if found := _PREDICATED.match(statement):
        condition, statement = (found[2], found[1] == "!"), found[3]
    name, _, rest = statement.partition(" ") if " " in statement else statement.partition("\t")
    name, _, more = name.partition("\t")
    operands = tuple(o.strip() for o in _OPERAND.findall(f"{more} {rest}"))
    return Instruction(tuple(name.split(".")), operands, condition)
