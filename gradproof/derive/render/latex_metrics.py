"""Widths of Computer Modern at 10 points, in hundredths of a point: letters, signs, and the room around them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _table(text: str) -> Mapping[str, int]:
    """Return the table that a text of names and widths holds, `a b 500` for two of the same width."""
    out: dict[str, int] = {}
    waiting: list[str] = []
    for word in text.split():
        if word.isdigit():
            out |= dict.fromkeys(waiting, int(word))
            waiting = []
        else:
            waiting.append(word)
    return MappingProxyType(out)


#: Letters of mathematics, and what they lean over to the right where no index follows.
ITALIC = _table(
    """a 529 b 429 c 433 d 520 e 466 f 490 g 477 h 576 i 345 j 412 k 521 l 298 m 878 n 600 o 485 p 503 q 446 r 451 s 469
    t 361 u 572 v 485 w 716 x 572 y 490 z 465 A 750 B 759 C 715 D 828 E 738 F 643 G 786 H 831 I 440 J 555 K 849 L 681
    M 970 N 803 O 763 P 642 Q 791 R 759 S 613 T 584 U 683 V 583 W 944 X 828 Y 581 Z 683"""
)
LEAN = _table("C E G K Z d y 70 F H I J M N P S T U W X f 140 V Y 222 g h j l q r v w z 40")
#: Letters of text.
ROMAN = _table(
    """a 500 b 556 c 444 d 556 e 444 f 306 g 500 h 556 i 278 j 306 k 528 l 278 m 833 n 556 o 500 p 556 q 528 r 392 s 394
    t 389 u 556 v 528 w 722 x 528 y 528 z 444 A 750 B 708 C 722 D 764 E 681 F 653 G 785 H 750 I 361 J 514 K 778 L 625
    M 917 N 750 O 778 P 681 Q 778 R 736 S 556 T 722 U 750 V 750 W 1028 X 750 Y 750 Z 611"""
)
#: Commands that stand for a letter or a sign.
COMMANDS = _table(
    """alpha 640 beta 619 gamma 573 delta 482 epsilon varepsilon 466 zeta 512 eta 533 theta 497 iota 354 kappa 576
    lambda 583 mu 603 nu 558 xi 484 pi 606 rho 517 sigma 607 tau 550 upsilon 576 phi 596 chi 626 psi 687 omega 658
    partial 587 ell 417 top 778 circ 500 infty 1000 neg 667 dots 1340 langle rangle 389 lfloor rfloor 444 Sigma 780
    Phi 722 Delta 833 % 833 _ 300 $ 500 # 833 & 778 { 500 } 500 | 500"""
)
#: Room of a given width; \\! takes room away.
SPACE = MappingProxyType({",": 167, ";": 278, ":": 222, "!": -167, " ": 333, "quad": 1000, "qquad": 2000})
THIN, MEDIUM, THICK = 167, 444, 556
BINARY = _table("cdot 278 odot oslash times pm 778 bmod 1890")
RELATION = ("leq", "geq", "neq", "in", "to", "mid")
#: Characters with the room around them in a line: binary signs, relations, commas, fences.
SIGNS = MappingProxyType(
    dict.fromkeys("+-", (778, MEDIUM))
    | dict.fromkeys("=<>", (778, THICK))
    | dict.fromkeys(",;", (278, THIN))
    | dict.fromkeys("()", (389, 0))
    | dict.fromkeys("[]|.:!'", (278, 0))
)
ACCENTS = ("hat", "bar", "tilde", "dot", "check", "overline", "right")
#: Fences of a given size, and those that grow: around a sum, around a fraction, around anything else.
FENCES = _table("bigl bigr 458 biggl biggr 736")
GROWN = ((r"\sum", 875), (r"\prod", 875), (r"\frac", 736), ("", 458))
#: Signs with limits, in a display and in a line.
BIG = MappingProxyType({r"\sum": (1444, 1056), r"\prod": (1278, 944)})
WORDS = ("exp", "log", "sin", "cos", "tan", "tanh", "sinh", "cosh", "arctan", "max", "min", "arg", "det")
