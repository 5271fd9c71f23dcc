"""Identifiers for generated source: ASCII, no keyword, no name of the module itself, each thing its own."""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterable

from gradproof.kernels.vector import NAMES as VECTOR_NAMES

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon "
    "phi chi psi omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξοπρστυφχψω", _GREEK_NAMES.split(), strict=True)) | {
    "ς": "sigma",
    "ϕ": "phi",
    "ϵ": "epsilon",
    "ϑ": "theta",
    "ℓ": "ell",
    "∂": "d",
    "∇": "grad",
}
_MARKS = {
    "\u0302": "_hat",
    "\u0304": "_bar",
    "\u0305": "_bar",
    "\u0303": "_tilde",
    "\u0307": "_dot",
    "'": "_prime",
    "′": "_prime",
}
_DROPPED_FROM_FORMULA = "{}\\^ "

#: Names that a generated module uses itself.
MODULE_NAMES = (
    "np", "njit", "loops", "scalar", "real", "nan", "inf", "is_jitted",
    "exp", "log", "log1p", "expm1", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "erf", "sigmoid",
    "softplus", "relu", "sign", "clip", "floor", "maximum", "minimum", "power", "square", "cube",
    "as_array", "as_numbers", "as_scalar", "as_labels", "as_function", "check_labels", "check_shape", "check_size",
    "check_read", "solve_rows", "log_abs_det",
    "lo", "hi", "better", "threads", "part", "parts", "out", "scratch", "parts_for", "shared_out", "join", "FORK",
    "addresses", "addresses_of", "array_at", "everywhere", "join_products", "alone", "FORKED", "IN_USE", "Lock", "rows",
    "AT_ONCE", "IN_TURN",
    "cut", "as_matrix", "as_row", "seen_as", "room", "room_of_zeros", "room_of_positions", "room_of_places",
    "new_room", "give_back", "one_copy", "counted", "counted_sums", "populate_array", "from_dtype",
    "os", "ir", "types", "cgutils", "intrinsic",
    "options", "empty", "check_out", "output", "updated", "handed", "all_own", "check_apart", "overlap", "same_places",
    "check_output", "results", "REAL", "threads_given", "c_int", "PYFUNCTYPE", "address_of_symbol",
    "serial", "sums", "inner", "inner_sums", "uncached", "get_num_threads",
    "gemm", "gemm_packed", "pack", "copy_rows", "add_rows", "SCRATCH", "negated", "clear_outside", "gather",
    "spread_phases", "collect_phases", "pad_plane", "crop_plane", "window_shape", "window_place", "window_plane",
    "gemm_by_rows", "gemm_of_rows", "gemm_to_rows", "pack_into", "packed_columns", "TILE_COLUMNS",
    "window_starts", "run_length", "copy_turned", "add_turned", "pad_planes", "crop_planes",
    "inside_phase", "phase_rows", "pad_others", "crop_others", "clear", "strip_length", "cpu_target", "unknown",
    "send", "send_line", "sent_places", "behind", "all_sent", "LARGE", "SHORT", "LINE", "BLOCK", "TERMS", "FETCHED",
    "clear_begun", "fetch_ends", "fetch_next", "fetch_own", "put_phases", "mathematics", "shared_mathematics",
)  # fmt: skip
#: Those that a module for CUDA uses beside.
CUDA_NAMES = (
    "cuda", "device", "thread", "block", "blocks", "stream", "prod", "stretch", "product", "fill", "THREADS", "BLOCKS",
    "TILE", "OWN", "DEPTH", "with_rows", "segments", "sort_tiles", "merge_runs", "find_starts",
    "new", "maker", "copied", "moved", "NEAR", "AHEAD", "HELD", "EACH", "MANY_BLOCKS", "places_at_once", "WORKSPACE",
    "LEAST", "LANES", "pivot", "eliminate", "solve_together", "log_abs_det_together",
    "cublas", "operand", "entry", "half", "wide", "rounded", "widened", "narrowed", "widen_all", "round_all",
)  # fmt: skip
RESERVED = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *MODULE_NAMES, *CUDA_NAMES, *VECTOR_NAMES])


def ascii_name(name: str) -> str:
    """Return the name in ASCII letters, digits and underscores: `α` is `alpha`, `ŷ` is `y_hat`, `phi'` is `phi_prime`.

    >>> ascii_name("ŷ"), ascii_name("Δw"), ascii_name("phi''"), ascii_name("2x")
    ('y_hat', 'Delta_w', 'phi_prime_prime', '_2x')
    """
    text = ""
    for letter in unicodedata.normalize("NFKD", name):
        word = _word(letter)
        text += ("_" if text and word[:1].isalpha() and len(word) > 1 and text[-1] != "_" else "") + word
        text += "_" if len(word) > 1 and word[0].isalpha() else ""
    text = text.rstrip("_") if not name.endswith("_") else text
    text = text.replace("__", "_") if "__" not in name else text
    return f"_{text}" if not text or text[0].isdigit() else text


def _word(letter: str) -> str:
    if letter in _MARKS:
        return _MARKS[letter]
    if letter.isascii():
        return letter if letter.isalnum() or letter == "_" else ("" if letter in _DROPPED_FROM_FORMULA else "_")
    word = _GREEK.get(letter) or _GREEK.get(letter.lower(), "").capitalize()
    return word or f"u{ord(letter):04x}"


class Namer:
    """Gives each key an identifier that nothing else in the same function has."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(RESERVED) | set(taken)
        self._names: dict[object, str] = {}

    def name(self, key: object, wish: str) -> str:
        """Return the identifier of `key`; the first time, `wish` in ASCII, or the next that is free."""
        if key not in self._names:
            base = ascii_name(wish)
            chosen, number = base, 2
            while chosen in self._taken:
                chosen, number = (f"{base}_" if base in RESERVED and number == 2 else f"{base}_{number}"), number + 1
            self._taken.add(chosen)
            self._names[key] = chosen
        return self._names[key]

    @property
    def reserved(self) -> frozenset[str]:
        """Names that no identifier may have."""
        return RESERVED

    def all(self) -> tuple[str, ...]:
        """Return every identifier that is taken, sorted."""
        return tuple(sorted(self._taken))

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __getitem__(self, key: object) -> str:
        return self._names[key]
