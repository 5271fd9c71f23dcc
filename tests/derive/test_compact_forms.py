"""The catalogue's backward passes as textbooks and papers print them, line by line."""

from __future__ import annotations

import pytest

import gradproof as gp

#: entry -> {adjoint: what it is}: every line of the results, in their order.
FORMS = {
    # ------------------------------------------------------------ layers
    "residual": {
        "d_z[i,h]": "[z[i,h] > 0]*sum[d] d_Y[i,d]*W2[h,d]",
        "d_X[i,d]": "d_Y[i,d] + sum[h] d_z[i,h]*W1[d,h]",
        "d_W1[d,h]": "sum[i] X[i,d]*d_z[i,h]",
        "d_b1[h]": "sum[i] d_z[i,h]",
        "d_W2[h,d]": "sum[i] a[i,h]*d_Y[i,d]",
        "d_b2[d]": "sum[i] d_Y[i,d]",
    },
    "embedding": {"d_E[v,d]": "sum[t, v == tok[t]] d_x[t,d]"},
    "deep_mlp": {
        "d_a[l,i,h]": "[l+1 == depth]*(a[depth-1,i,h] - y[i,h])/m + [l+1 < depth]*sum[k] d_z[l+1,i,k]*W[l+1,h,k]",
        "d_z[l,i,h]": "d_a[l,i,h]*a[l,i,h]*(1 - a[l,i,h])",
        "d_W[l,h,k]": "sum[i] a[l-1,i,h]*d_z[l,i,k]",
        "d_b[l,h]": "sum[i] d_z[l,i,h]",
    },
    # ------------------------------------------------------------ activations
    "leaky_relu": {
        "d_z[i]": "d_a[i]*where(z[i] > 0, 1, slope)",
        "d_slope": "sum[i, not(z[i] > 0)] d_a[i]*z[i]",
    },
    "prelu": {
        "d_z[i,c]": "d_a[i,c]*where(z[i,c] > 0, 1, slope[c])",
        "d_slope[c]": "sum[i, not(z[i,c] > 0)] d_a[i,c]*z[i,c]",
    },
    "elu": {
        "d_z[i]": "d_a[i]*where(z[i] > 0, 1, alpha*exp(z[i]))",
        "d_alpha": "sum[i, not(z[i] > 0)] d_a[i]*(exp(z[i]) - 1)",
    },
    "selu": {"d_z[i]": "scale*d_a[i]*where(z[i] > 0, 1, alpha*exp(z[i]))"},
    "hard_tanh": {"d_z[i]": "[-1 <= z[i] <= 1]*d_a[i]"},
    "hard_sigmoid": {"d_z[i]": "[-3 <= z[i] <= 3]*d_a[i]/6"},
    "softplus": {"d_z[i]": "d_a[i]*sigmoid(z[i])"},
    "silu": {"d_z[i]": "d_a[i]*s[i]*(1 + z[i]*(1 - s[i]))"},
    "mish": {"d_z[i]": "d_a[i]*(t[i] + z[i]*(1 - t[i]**2)*sigmoid(z[i]))"},
    # books print z*phi(z) with the density phi(z) = exp(-z**2/2)/sqrt(2*pi), which no equation names
    "gelu": {"d_z[i]": "d_a[i]*(Phi[i] + z[i]*exp(-z[i]**2/2)/sqrt(2*pi))"},
    "gelu_tanh": {"d_z[i]": "d_a[i]*(1 + t[i] + c*z[i]*(1 - t[i]**2)*(1 + 0.134145*z[i]**2))/2"},
    "log_softmax": {"d_z[i,c]": "d_y[i,c] - exp(y[i,c])*sum[k] d_y[i,k]"},
    "glu": {
        "d_v[i,h]": "d_Y[i,h]*g[i,h]*u[i,h]*(1 - g[i,h])",
        "d_W[d,h]": "sum[i] X[i,d]*d_Y[i,h]*g[i,h]",
        "d_b[h]": "sum[i] d_Y[i,h]*g[i,h]",
        "d_V[d,h]": "sum[i] X[i,d]*d_v[i,h]",
        "d_c[h]": "sum[i] d_v[i,h]",
    },
    "swiglu": {
        "d_h[i,f]": "sum[d] d_Y[i,d]*W2[f,d]",
        "d_z[i,f]": "d_h[i,f]*s[i,f]*u[i,f]*(1 + z[i,f]*(1 - s[i,f]))",
        "d_W[d,f]": "sum[i] X[i,d]*d_z[i,f]",
        "d_V[d,f]": "sum[i] X[i,d]*d_h[i,f]*g[i,f]",
        "d_W2[f,d]": "sum[i] h[i,f]*d_Y[i,d]",
    },
    # ------------------------------------------------------------ losses
    "mae": {"d_p[i]": "sign(p[i] - y[i])/m", "d_y[i]": "-sign(p[i] - y[i])/m"},
    "hinge": {"d_u[i]": "[u[i] > 0]/m", "d_s[i]": "-d_u[i]*y[i]", "d_y[i]": "-d_u[i]*s[i]"},
    "binary_cross_entropy_probabilities": {
        "d_p[i]": "((1 - y[i])/(1 - p[i]) - y[i]/p[i])/m",
        "d_y[i]": "(log(1 - p[i]) - log(p[i]))/m",
    },
    "label_smoothing": {"d_z[i,c]": "(p[i,c] - q[i,c])/m"},
    "distillation": {"d_z[i,c]": "tau*(p[i,c] - q[i,c])/m"},
    "gaussian_kl": {
        "d_mu1[d]": "(mu1[d] - mu2[d])/s2[d]**2",
        "d_s1[d]": "s1[d]/s2[d]**2 - 1/s1[d]",
        "d_mu2[d]": "(mu2[d] - mu1[d])/s2[d]**2",
        "d_s2[d]": "1/s2[d] - (s1[d]**2 + (mu1[d] - mu2[d])**2)/s2[d]**3",
    },
    "vae_kl": {"d_mu[i,d]": "mu[i,d]/m", "d_logvar[i,d]": "(exp(logvar[i,d]) - 1)/(2*m)"},
    "focal": {"d_z[i]": "y[i]*(1 - p[i])**gamma*(p[i] + gamma*p[i]*log(p[i]) - 1)/m"},
    "huber": {
        "d_e[i]": "where(abs(e[i]) <= delta, e[i], delta*sign(e[i]))/m",
        "d_p[i]": "d_e[i]",
        "d_y[i]": "-d_e[i]",
        "d_delta": "1/m * sum[i, not(abs(e[i]) <= delta)] (abs(e[i]) - delta)",
    },
    "info_nce": {
        "d_s[i,j]": "(P[i,j] - [i == j])/(N*tau)",
        "d_u[i,d]": "sum[n] d_s[i,n]*v[n,d]",
        "d_v[i,d]": "sum[n] d_s[n,i]*u[n,d]",
        "d_tau": "(sum[n] s[n,n] - sum[n,i] P[n,i]*s[n,i])/(N*tau**2)",
    },
    "triplet": {
        "d_u[i]": "[u[i] > 0]/m",
        "d_a[i,d]": "2*d_u[i]*(n[i,d] - p[i,d])",
        "d_p[i,d]": "2*d_u[i]*(p[i,d] - a[i,d])",
        "d_n[i,d]": "2*d_u[i]*(a[i,d] - n[i,d])",
        "d_margin": "sum[i] d_u[i]",
    },
    # ------------------------------------------------------------ linear models
    "ridge": {"d_w[j]": "lam*w[j] + sum[i] X[i,j]*r[i]"},
    "logistic_regression": {"d_w[j]": "sum[i] X[i,j]*(p[i] - y[i])"},
    # ------------------------------------------------------------ regularisation
    "l1": {"d_w[j]": "lam*sign(w[j])"},
    "l2": {"d_w[j]": "lam*w[j]"},
    "dropout": {"d_x[i,d]": "d_y[i,d]*mask[i,d]/(1 - p)"},
    "weight_norm": {
        "d_v[d]": "g*(d_w[d] - v[d]/r**2 * sum[i] d_w[i]*v[i])/r",
        "d_g": "1/r * sum[d] d_w[d]*v[d]",
    },
    "clip_norm": {
        "d_g[j]": "where(r > c, c*(d_y[j] - g[j]/r**2 * sum[i] d_y[i]*g[i])/r, d_y[j])",
        "d_c": "[r > c]/r * sum[i] d_y[i]*g[i]",
    },
    # ------------------------------------------------------------ optimisers, over the steps t
    "momentum": {
        "t_w[t,j]": "d_w[t,j] + [t+1 < T]*t_w[t+1,j]",
        "d_v[t,j]": "[t+1 < T]*mu*d_v[t+1,j] - alpha*t_w[t,j]",
        "d_g[t,j]": "d_v[t,j]",
        "d_w0[j]": "t_w[0,j]",
        "d_alpha": "-sum[t,i] t_w[t,i]*v[t,i]",
    },
    "nesterov": {
        "t_w[t,j]": "d_w[t,j] + [t+1 < T]*t_w[t+1,j]",
        "d_v[t,j]": "mu*([t+1 < T]*d_v[t+1,j] - alpha*t_w[t,j])",
        "d_g[t,j]": "d_v[t,j] - alpha*t_w[t,j]",
        "d_w0[j]": "t_w[0,j]",
        "d_alpha": "-sum[t,i] t_w[t,i]*(g[t,i] + mu*v[t,i])",
    },
    "rmsprop": {
        "t_w[t,j]": "d_w[t,j] + [t+1 < T]*t_w[t+1,j]",
        "d_v[t,j]": "[t+1 < T]*rho*d_v[t+1,j] + alpha*t_w[t,j]*g[t,j]/(2*r[t,j]*(r[t,j] + eps)**2)",
        "d_g[t,j]": "2*(1 - rho)*d_v[t,j]*g[t,j] - alpha*t_w[t,j]/(r[t,j] + eps)",
        "d_w0[j]": "t_w[0,j]",
        "d_alpha": "-sum[t,i] t_w[t,i]*g[t,i]/(r[t,i] + eps)",
    },
    "adam": {
        "t_w[t,j]": "d_w[t,j] + [t+1 < T]*t_w[t+1,j]",
        "d_v[t,j]": "[t+1 < T]*beta2*d_v[t+1,j]"
        " + alpha*t_w[t,j]*mhat[t,j]/(2*r[t,j]*(1 - beta2**(1 + t))*(r[t,j] + eps)**2)",
        "d_m[t,j]": "[t+1 < T]*beta1*d_m[t+1,j] - alpha*t_w[t,j]/((1 - beta1**(1 + t))*(r[t,j] + eps))",
        "d_g[t,j]": "(1 - beta1)*d_m[t,j] + 2*(1 - beta2)*d_v[t,j]*g[t,j]",
        "d_w0[j]": "t_w[0,j]",
        "d_alpha": "-sum[t,i] t_w[t,i]*mhat[t,i]/(r[t,i] + eps)",
    },
    # ------------------------------------------------------------ probability
    "gaussian_log_likelihood": {
        "d_mu": "1/sigma**2 * sum[i] (x[i] - mu)",
        "d_sigma": "(1/sigma**2 * sum[i] (x[i] - mu)**2 - m)/sigma",
    },
    "policy_gradient": {
        "d_z[i,c]": "R[i]*([c == action[i]] - p[i,c])/m",
        "d_W[d,c]": "sum[i] s[i,d]*d_z[i,c]",
    },
}


@pytest.mark.parametrize("name", FORMS)
def test_the_backward_pass_is_the_one_that_is_printed(name: str) -> None:
    derivation = gp.derive(gp.load(name))
    lines = [str(e) for e in derivation.backward.definitions if e.name not in derivation.system.by_name]
    assert lines == [f"{target} = {value}" for target, value in FORMS[name].items()]


def test_l2_is_weight_decay_under_gradient_descent() -> None:
    assert [str(e) for e in gp.derive(gp.load("l2")).updates] == ["w[j] := (1 - alpha*lam)*w[j]"]
