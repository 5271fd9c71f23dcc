"""The benchmark's systems in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch.nn import functional as F

from gradproof.bench.peers import by_torch
from gradproof.bench.runner import Arrays, Forward, Runner


def _lstm_pointwise(a_i: Any, a_f: Any, a_g: Any, a_o: Any, c0: Any) -> dict[str, Any]:
    c = torch.sigmoid(a_f) * c0 + torch.sigmoid(a_i) * torch.tanh(a_g)
    return {"y": torch.sigmoid(a_o) * torch.tanh(c), "cT": c}


def _gru_pointwise(a_r: Any, a_z: Any, a_n: Any, u: Any, h0: Any) -> dict[str, Any]:
    n = torch.tanh(a_n + torch.sigmoid(a_r) * u)
    return {"h": torch.lerp(n, h0, torch.sigmoid(a_z))}


def _heads(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    return {"O": F.scaled_dot_product_attention(Q, K, V)}


def _causal_heads(Q: Any, K: Any, V: Any) -> dict[str, Any]:
    return {"O": F.scaled_dot_product_attention(Q, K, V, is_causal=True)}


# ---------------------------------------------------------------- a transformer's block


def _block_packed(t: dict[str, Any]) -> dict[str, Any]:
    """Return the weights of the three projections as one array [D, 3, H, E]."""
    projections = torch.stack([t[n].permute(1, 0, 2) for n in ("Wq", "Wk", "Wv")], 1)
    return {**{n: a for n, a in t.items() if n not in {"Wq", "Wk", "Wv"}}, "Wqkv": projections.contiguous()}


def _block_unpacked(d: dict[str, Any]) -> dict[str, Any]:
    parts = d["Wqkv"].permute(1, 2, 0, 3)
    return {**{n: a for n, a in d.items() if n != "Wqkv"}, "Wq": parts[0], "Wk": parts[1], "Wv": parts[2]}


def _attended(Q: Any, K: Any, V: Any) -> Any:
    return torch.softmax(Q @ K.transpose(-1, -2) * Q.shape[-1] ** -0.5, -1) @ V


class _Block:
    """The block with one way to attend; its signature is the system's, with the projections in one."""

    def __init__(self, attention: Callable[[Any, Any, Any], Any]) -> None:
        self.attention = attention

    def __call__(
        self, X: Any, Wqkv: Any, Wo: Any, gamma1: Any, beta1: Any, W1: Any, b1: Any, W2: Any, b2: Any, gamma2: Any,
        beta2: Any, eps: Any,
    ) -> dict[str, Any]:  # fmt: skip
        B, T, D = X.shape
        H, E = Wo.shape[:2]
        Q, K, V = (X @ Wqkv.view(D, -1)).view(B, T, 3, H, E).permute(2, 0, 3, 1, 4)
        O = self.attention(Q, K, V).transpose(1, 2).reshape(B, T, -1)
        Y1 = F.layer_norm(X + O @ Wo.view(-1, D), (D,), gamma1, beta1, float(eps))
        Y2 = F.linear(torch.relu(F.linear(Y1, W1.T, b1)), W2.T, b2)
        return {"Y2": F.layer_norm(Y1 + Y2, (D,), gamma2, beta2, float(eps))}


_BLOCK_WRT = ("X", "Wqkv", "Wo", "gamma1", "beta1", "W1", "b1", "W2", "b2", "gamma2", "beta2")


# ---------------------------------------------------------------- optimisers


def _optimiser(
    make: Callable[..., Any], state: dict[str, str], inputs: Arrays, *, compiled: bool, device: str = "cpu"
) -> Runner:
    """Return one step of PyTorch's optimiser, from the state that comes in.

    Args:
        make: from [parameter] and the inputs as numbers to the optimiser.
        state: for each tensor of its state our name.
        inputs: arrays by our names.
        compiled: whether the step is compiled.
        device: where the arrays stand.
    """
    tensors = {n: torch.from_numpy(a.copy()).to(device) for n, a in inputs.items() if a.ndim}
    w = tensors["w"].requires_grad_()
    w.grad = tensors["g"]
    optimiser = make([w], {n: float(a) for n, a in inputs.items() if not a.ndim})
    optimiser.state[w].update({theirs: tensors[ours] for theirs, ours in state.items()})
    if "step" in inputs:
        optimiser.state[w]["step"] = torch.tensor(float(inputs["step"]) - 1)
    step = torch.compile(optimiser.step) if compiled else optimiser.step
    shown = {"w": w, **{ours: tensors[ours] for ours in state.values()}}
    return Runner(step, lambda _: {n: t.detach().cpu().numpy() for n, t in shown.items()})


def _adam(fused: bool, parameters: list[Any], n: dict[str, float]) -> Any:
    options = {"lr": n["alpha"], "betas": (n["beta1"], n["beta2"]), "eps": n["eps"], "fused": fused}
    if "lam" in n:
        return torch.optim.AdamW(parameters, weight_decay=n["lam"], **options)
    return torch.optim.Adam(parameters, **options)


def _sgd(fused: bool, parameters: list[Any], n: dict[str, float]) -> Any:
    return torch.optim.SGD(parameters, lr=n["alpha"], momentum=n["mu"], fused=fused)


_MOMENTS, _VELOCITY = {"exp_avg": "m", "exp_avg_sq": "v"}, {"momentum_buffer": "v"}


def _steps(fused: bool) -> dict[str, Any]:
    adam = partial(_optimiser, partial(_adam, fused), _MOMENTS)
    return {
        "adam_step": adam,
        "adamw_step": adam,
        "momentum_step": partial(_optimiser, partial(_sgd, fused), _VELOCITY),
    }


FORWARD: dict[str, Any] = {
    "lstm_pointwise": Forward(_lstm_pointwise),
    "gru_pointwise": Forward(_gru_pointwise),
    "attention_heads": by_torch.FORWARD["attention"],
    "causal_attention_heads": by_torch.FORWARD["causal_attention"],
    "transformer_block": Forward(_Block(_attended), _block_packed, _block_unpacked, _BLOCK_WRT),
    **_steps(fused=False),
}

FUSED: dict[str, Any] = {
    "attention_heads": Forward(_heads),
    "causal_attention_heads": Forward(_causal_heads),
    "transformer_block": Forward(_Block(F.scaled_dot_product_attention), _block_packed, _block_unpacked, _BLOCK_WRT),
    **_steps(fused=True),
}
