"""Claims of a page of notes, judged against the derivation of the page's own equations."""

from gradproof.verify.claims.judge import judge_claim, judge_claims
from gradproof.verify.claims.result import Judged, Values, Verdict

__all__ = ["Judged", "Values", "Verdict", "judge_claim", "judge_claims"]
