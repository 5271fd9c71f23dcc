"""Peers for the benchmark's own systems, in modules named as gradproof's: by_torch, by_jax, by_numpy."""
