"""The pairs in a user's Python module: functions with their hand-written gradients, found, fed and judged.

`declare` is what a module may say itself, `pairs` finds by convention, `inputs` says where the arguments come from,
`child` judges in a process of its own, which `run` starts and watches.
"""
