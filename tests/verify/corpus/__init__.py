"""The corpus: functions with gradients written by hand, right and wrong, on which the judge is judged."""
