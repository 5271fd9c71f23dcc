"""Why a gradient is wrong: what explains the error, in words; nothing where nothing does."""

from gradproof.verify.diagnosis.case import Case, Cause
from gradproof.verify.diagnosis.diagnose import diagnose
from gradproof.verify.diagnosis.kinds import KINDS

__all__ = ["KINDS", "Case", "Cause", "diagnose"]
