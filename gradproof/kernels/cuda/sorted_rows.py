"""Places at which a thread adds up what labels put there; see `segments`."""

from __future__ import annotations

from sympy import Expr, Integer, Mul

from gradproof.derive.index import Index
from gradproof.kernels.cuda.rows import Rows
from gradproof.kernels.cuda.state import STARTS
from gradproof.kernels.cuda.steps import Keys, Segments
from gradproof.kernels.emission.terms import term_lines, value_of
from gradproof.kernels.planner.accesses import plain


class SortedRows(Rows):
    """Writes where labels put terms, and the sums over sorted terms."""

    def keys(self, node: Keys) -> None:
        """Write a loop over terms that notes where each goes."""
        names = self.writer.sorted[node]
        with self.flat():
            at, tests, facts = Integer(0), [], self.facts
            for slot, size in zip(node.slots, node.sizes, strict=True):
                at = at * size + slot
                if plain(slot) is None:
                    tests.append(f"0 <= {self.writer.integer(slot, facts)} < {self.writer.integer(size)}")
            last = self.writer.integer(Mul(*node.sizes))
            place = self.writer.tight_integer(_flat(node.terms))
            self.frame.put(f"{names.keys}[{place}] = {self.writer.integer(at)} if {' and '.join(tests)} else {last}")

    def segments(self, node: Segments) -> None:
        """Write a loop over places, at each of which a thread adds up the terms that have its key."""
        s, names = node.total, self.writer.sorted[node.keys]
        with self.flat():
            total, key = self.frame.name(f"{self.places.array(s.name)}_total"), self.writer.integer(_flat(node.run))
            at = self.frame.name("at")
            self.frame.put(f"{total} = {STARTS['sum']}")
            next_key = self.writer.integer(_flat(node.run) + 1)
            self.frame.put(f"for {at} in range({names.starts}[{key}], {names.starts}[{next_key}]):")
            with self.frame.block():
                self._one_term(node, total, f"{names.order}[{at}]")
            entry = self.writer.entry(self.places.access(s.target))
            line = f"{entry} += {total}" if node.adds else self.writer.assigned(s.name, entry, total)
            self.frame.put(f"{line}  # ({s.number})")

    def _one_term(self, node: Segments, total: str, term: str) -> None:
        s = node.total
        with self.decoded(node.keys.terms, self._term_of(node.keys, term)):
            self.order_by(s)
            tests, facts = self.tests(s)
            lines = term_lines(s, total, value_of(s, self.writer, facts), self.writer)
            if tests:
                lines = [f"if {' and '.join(tests)}:", *[f"    {line}" for line in lines]]
            self.frame.put_all(lines)

    def _term_of(self, keys: Keys, text: str) -> str:
        """Return the text from which the indices of a term are found: of several, a name."""
        if len(keys.terms) == 1:
            return text
        name = self.frame.name("term")
        self.frame.put(f"{name} = {text}")
        return name


def _flat(indices: tuple[Index, ...]) -> Expr:
    """Return the number of a place among those of indices that run together."""
    place: Expr = Integer(0)
    for index in indices:
        place = place * index.size + index
    return place.expand()
