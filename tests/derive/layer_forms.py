"""The adjoints of the catalogue's layers, as papers print them: entry, tensor, equation."""

_ATTENTION = {
    "d_P": "d_P[i,j] = sum[f] d_O[i,f]*V[j,f]",
    "D": "D[i] = sum[f] d_O[i,f]*O[i,f]",
    "d_A": "d_A[i,j] = P[i,j]*(d_P[i,j] - D[i])",
    "d_Q": "d_Q[i,e] = 1/sqrt(E) * sum[s] d_A[i,s]*K[s,e]",
    "d_K": "d_K[j,e] = 1/sqrt(E) * sum[t] d_A[t,j]*Q[t,e]",
    "d_V": "d_V[j,f] = sum[t] P[t,j]*d_O[t,f]",
}
#: The deltas of the gates, alike with and without peepholes.
_GATES = {
    "d_pre_i": "d_pre_i[t,n,k] = d_c[t,n,k]*g[t,n,k]*i[t,n,k]*(1 - i[t,n,k])",
    "d_pre_f": "d_pre_f[t,n,k] = d_c[t,n,k]*c[t-1,n,k]*f[t,n,k]*(1 - f[t,n,k])",
    "d_pre_g": "d_pre_g[t,n,k] = d_c[t,n,k]*i[t,n,k]*(1 - g[t,n,k]**2)",
    "d_pre_o": "d_pre_o[t,n,k] = d_h[t,n,k]*h[t,n,k]*(1 - o[t,n,k])",
    "d_h": (
        "d_h[t,n,k] = d_y[t,n,k] + [t+1 < T]*sum[h] (d_pre_f[t+1,n,h]*U_f[k,h] + d_pre_g[t+1,n,h]*U_g[k,h]"
        " + d_pre_i[t+1,n,h]*U_i[k,h] + d_pre_o[t+1,n,h]*U_o[k,h])"
    ),
    "d_W_f": "d_W_f[d,k] = sum[t,n] x[t,n,d]*d_pre_f[t,n,k]",
    "d_U_f": "d_U_f[k,j] = sum[t,n] h[t-1,n,k]*d_pre_f[t,n,j]",
    "d_b_f": "d_b_f[k] = sum[t,n] d_pre_f[t,n,k]",
}
COMPACT = {
    "batch_norm": {
        "d_x": "d_x[n,d] = gamma[d]*r[d]*(d_y[n,d] - (xhat[n,d]*sum[i] d_y[i,d]*xhat[i,d] + sum[i] d_y[i,d])/N)",
        "d_gamma": "d_gamma[d] = sum[n] d_y[n,d]*xhat[n,d]",
        "d_beta": "d_beta[d] = sum[n] d_y[n,d]",
    },
    "layer_norm": {
        "d_xhat": "d_xhat[n,d] = d_y[n,d]*gamma[d]",
        "d_x": ("d_x[n,d] = r[n]*(d_xhat[n,d] - (xhat[n,d]*sum[i] d_xhat[n,i]*xhat[n,i] + sum[i] d_xhat[n,i])/D)"),
        "d_gamma": "d_gamma[d] = sum[n] d_y[n,d]*xhat[n,d]",
        "d_beta": "d_beta[d] = sum[n] d_y[n,d]",
    },
    "group_norm": {
        "d_xhat": "d_xhat[n,g,c,h,w] = d_y[n,g,c,h,w]*gamma[g,c]",
        "d_x": (
            "d_x[n,g,c,h,w] = r[n,g]*(d_xhat[n,g,c,h,w] - (xhat[n,g,c,h,w]*sum[i,k,j] d_xhat[n,g,i,k,j]*xhat[n,g,i,k,j]"
            " + sum[i,k,j] d_xhat[n,g,i,k,j])/(C*H*W))"
        ),
        "d_gamma": "d_gamma[g,c] = sum[n,h,w] d_y[n,g,c,h,w]*xhat[n,g,c,h,w]",
        "d_beta": "d_beta[g,c] = sum[n,h,w] d_y[n,g,c,h,w]",
    },
    # The paper's form is r*(d_xhat - xhat/D * sum d_xhat*xhat): the last fold is not reached.
    "rms_norm": {
        "d_x": "d_x[n,d] = r[n]*(d_y[n,d]*gamma[d] - r[n]**2*x[n,d]/D * sum[i] d_y[n,i]*x[n,i]*gamma[i])",
        "d_gamma": "d_gamma[d] = sum[n] d_y[n,d]*xhat[n,d]",
    },
    "conv1d": {
        "d_x": ("d_x[n,c,h] = sum[o, u, 0 <= (h+p-r*u)/s < I, (h+p-r*u) % s == 0] d_y[n,o,(h+p-r*u)/s]*k[o,c,u]"),
        "d_k": "d_k[o,c,u] = sum[n, i, 0 <= r*u+s*i-p < H] d_y[n,o,i]*x[n,c,r*u+s*i-p]",
        "d_b": "d_b[o] = sum[n,i] d_y[n,o,i]",
    },
    "conv2d": {
        "d_x": (
            "d_x[n,c,h,w] = sum[o, u, v, 0 <= (h+p-r*u)/s < I, 0 <= (w+p-r*v)/s < J, (h+p-r*u) % s == 0,"
            " (w+p-r*v) % s == 0] d_y[n,o,(h+p-r*u)/s,(w+p-r*v)/s]*k[o,c,u,v]"
        ),
        "d_k": (
            "d_k[o,c,u,v] = sum[n, i, j, 0 <= r*u+s*i-p < H, 0 <= r*v+s*j-p < W]"
            " d_y[n,o,i,j]*x[n,c,r*u+s*i-p,r*v+s*j-p]"
        ),
        "d_b": "d_b[o] = sum[n,i,j] d_y[n,o,i,j]",
    },
    "conv2d_grouped": {
        "d_x": (
            "d_x[n,g,c,h,w] = sum[o, u, v, 0 <= (h+p-r*u)/s < I, 0 <= (w+p-r*v)/s < J, (h+p-r*u) % s == 0,"
            " (w+p-r*v) % s == 0] d_y[n,g,o,(h+p-r*u)/s,(w+p-r*v)/s]*k[g,o,c,u,v]"
        ),
        "d_b": "d_b[g,o] = sum[n,i,j] d_y[n,g,o,i,j]",
    },
    "conv2d_depthwise": {
        "d_x": (
            "d_x[n,c,h,w] = sum[u, v, 0 <= (h+p-r*u)/s < I, 0 <= (w+p-r*v)/s < J, (h+p-r*u) % s == 0,"
            " (w+p-r*v) % s == 0] d_y[n,c,(h+p-r*u)/s,(w+p-r*v)/s]*k[c,u,v]"
        ),
        "d_b": "d_b[c] = sum[n,i,j] d_y[n,c,i,j]",
    },
    "conv_transpose1d": {
        "d_x": "d_x[n,c,h] = sum[o, u, 0 <= s*h+r*u-p < I] d_y[n,o,s*h+r*u-p]*k[c,o,u]",
        "d_k": "d_k[c,o,u] = sum[n, h, 0 <= r*u+s*h-p < I] x[n,c,h]*d_y[n,o,r*u+s*h-p]",
    },
    "conv_transpose2d": {
        "d_x": (
            "d_x[n,c,h,w] = sum[o, u, v, 0 <= s*h+r*u-p < I, 0 <= s*w+r*v-p < J]"
            " d_y[n,o,s*h+r*u-p,s*w+r*v-p]*k[c,o,u,v]"
        ),
    },
    "avg_pool1d": {"d_x": "d_x[n,c,h] = 1/k * sum[i, 0 <= h-s*i < k] d_y[n,c,i]"},
    "avg_pool2d": {"d_x": "d_x[n,c,h,w] = 1/k**2 * sum[i, j, 0 <= h+p-s*i < k, 0 <= w+p-s*j < k] d_y[n,c,i,j]"},
    "max_pool1d": {"d_x": "d_x[n,c,h] = sum[i, h-s*i == argmax[j<k] x[n,c,s*i+j]] d_y[n,c,i]"},
    "max_pool2d": {
        "d_x": "d_x[n,c,h,w] = sum[i, j, (h-s*i, w-s*j) == argmax[l<k, u<k] x[n,c,s*i+l,s*j+u]] d_y[n,c,i,j]"
    },
    "global_avg_pool": {"d_x": "d_x[n,c,i,j] = d_y[n,c]/(H*W)"},
    "global_max_pool": {"d_x": "d_x[n,c,i,j] = [(i, j) == argmax[h,w] x[n,c,h,w]]*d_y[n,c]"},
    "rnn": {
        "t_h": "t_h[t,n,k] = d_h[t,n,k] + [t+1 < T]*sum[h] d_pre_h[t+1,n,h]*U[k,h]",
        "d_pre_h": "d_pre_h[t,n,k] = t_h[t,n,k]*(1 - h[t,n,k]**2)",
        "d_W": "d_W[d,k] = sum[t,n] x[t,n,d]*d_pre_h[t,n,k]",
        "d_U": "d_U[k,j] = sum[t,n] h[t-1,n,k]*d_pre_h[t,n,j]",
        "d_b": "d_b[k] = sum[t,n] d_pre_h[t,n,k]",
    },
    "rnn_loss": {
        "d_o": "d_o[t,q] = p[t,q] - [q == label[t]]",
        "d_h": "d_h[t,k] = sum[c] d_o[t,c]*V[k,c] + [t+1 < T]*sum[h] d_pre_h[t+1,h]*U[k,h]",
        "d_pre_h": "d_pre_h[t,k] = d_h[t,k]*(1 - h[t,k]**2)",
        "d_W": "d_W[d,k] = sum[t] x[t,d]*d_pre_h[t,k]",
        "d_V": "d_V[k,q] = sum[t] h[t,k]*d_o[t,q]",
        "d_c": "d_c[q] = sum[t] d_o[t,q]",
    },
    "rnn_masked": {
        "t_h": (
            "t_h[t,n,k] = d_h[t,n,k] + [t+1 < T]*(t_h[t+1,n,k]*(1 - mask[t+1,n]) + sum[h] d_pre_a[t+1,n,h]*U[k,h])"
        ),
        "d_pre_a": "d_pre_a[t,n,k] = mask[t,n]*t_h[t,n,k]*(1 - a[t,n,k]**2)",
        "d_U": "d_U[k,j] = sum[t,n] h[t-1,n,k]*d_pre_a[t,n,j]",
    },
    "rnn_truncated": {
        "t_h": "t_h[t,n,k] = d_h[t,n,k] + [t+1 < T, (t+1) % K != 0]*sum[h] d_pre_h[t+1,n,h]*U[k,h]",
        "d_pre_h": "d_pre_h[t,n,k] = t_h[t,n,k]*(1 - h[t,n,k]**2)",
    },
    "birnn": {
        "d_f": "d_f[t,n,k] = sum[c] d_y[t,n,c]*V_f[k,c] + [t+1 < T]*sum[h] d_pre_f[t+1,n,h]*U_f[k,h]",
        "d_g": "d_g[t,n,k] = sum[c] d_y[t,n,c]*V_g[k,c] + [t > 0]*sum[h] d_pre_g[t-1,n,h]*U_g[k,h]",
        "d_pre_g": "d_pre_g[t,n,k] = d_g[t,n,k]*(1 - g[t,n,k]**2)",
        "d_U_f": "d_U_f[k,j] = sum[t,n] f[t-1,n,k]*d_pre_f[t,n,j]",
        "d_U_g": "d_U_g[k,j] = sum[t,n] g[t+1,n,k]*d_pre_g[t,n,j]",
    },
    "lstm": _GATES
    | {
        "d_c": (
            "d_c[t,n,k] = [t+1 == T]*d_cT[n,k] + d_h[t,n,k]*o[t,n,k]*(1 - tanh(c[t,n,k])**2)"
            " + [t+1 < T]*d_c[t+1,n,k]*f[t+1,n,k]"
        ),
    },
    "lstm_peephole": _GATES
    | {
        "d_c": (
            "d_c[t,n,k] = d_pre_o[t,n,k]*v_o[k] + [t+1 == T]*d_cT[n,k] + d_h[t,n,k]*o[t,n,k]*(1 - tanh(c[t,n,k])**2)"
            " + [t+1 < T]*(d_pre_f[t+1,n,k]*v_f[k] + d_pre_i[t+1,n,k]*v_i[k] + d_c[t+1,n,k]*f[t+1,n,k])"
        ),
        "d_v_f": "d_v_f[k] = sum[t,n] d_pre_f[t,n,k]*c[t-1,n,k]",
        "d_v_o": "d_v_o[k] = sum[t,n] d_pre_o[t,n,k]*c[t,n,k]",
    },
    "lstm_cell": {
        "d_c": "d_c[n,k] = d_cT[n,k] + d_y[n,k]*o[n,k]*(1 - tanh(c[n,k])**2)",
        "d_pre_o": "d_pre_o[n,k] = d_y[n,k]*y[n,k]*(1 - o[n,k])",
        "d_pre_f": "d_pre_f[n,k] = d_c[n,k]*c0[n,k]*f[n,k]*(1 - f[n,k])",
        "d_c0": "d_c0[n,k] = d_c[n,k]*f[n,k]",
        "d_h0": (
            "d_h0[n,k] = sum[h] (d_pre_f[n,h]*U_f[k,h] + d_pre_g[n,h]*U_g[k,h] + d_pre_i[n,h]*U_i[k,h]"
            " + d_pre_o[n,h]*U_o[k,h])"
        ),
    },
    "gru": {
        "t_h": (
            "t_h[t,b,k] = d_h[t,b,k] + [t+1 < T]*(t_h[t+1,b,k]*z[t+1,b,k]"
            " + sum[h] (d_u[t+1,b,h]*U_n[k,h] + d_pre_r[t+1,b,h]*U_r[k,h] + d_pre_z[t+1,b,h]*U_z[k,h]))"
        ),
        "d_pre_n": "d_pre_n[t,b,k] = t_h[t,b,k]*(1 - z[t,b,k])*(1 - n[t,b,k]**2)",
        "d_u": "d_u[t,b,k] = d_pre_n[t,b,k]*r[t,b,k]",
        "d_pre_z": "d_pre_z[t,b,k] = t_h[t,b,k]*z[t,b,k]*(1 - z[t,b,k])*(h[t-1,b,k] - n[t,b,k])",
        "d_pre_r": "d_pre_r[t,b,k] = d_pre_n[t,b,k]*r[t,b,k]*u[t,b,k]*(1 - r[t,b,k])",
        "d_U_n": "d_U_n[k,j] = sum[t,b] h[t-1,b,k]*d_u[t,b,j]",
        "d_c_n": "d_c_n[k] = sum[t,b] d_u[t,b,k]",
    },
    "gru_reset_before": {
        "t_h": (
            "t_h[t,b,k] = d_h[t,b,k] + [t+1 < T]*(d_u[t+1,b,k]*r[t+1,b,k] + t_h[t+1,b,k]*z[t+1,b,k]"
            " + sum[h] (d_pre_r[t+1,b,h]*U_r[k,h] + d_pre_z[t+1,b,h]*U_z[k,h]))"
        ),
        "d_u": "d_u[t,b,k] = sum[h] d_pre_n[t,b,h]*U_n[k,h]",
        "d_pre_r": "d_pre_r[t,b,k] = d_u[t,b,k]*h[t-1,b,k]*r[t,b,k]*(1 - r[t,b,k])",
        "d_U_n": "d_U_n[k,j] = sum[t,b] u[t,b,k]*d_pre_n[t,b,j]",
    },
    "gan_discriminator": {
        "d_s": "d_s[i] = (p[i] - 1)/m",
        "d_r": "d_r[i] = q[i]/m",
        "d_pre_f": "d_pre_f[i,k] = d_s[i]*v[k]*(1 - f[i,k]**2)",
        "d_W": "d_W[d,k] = sum[i] (x[i,d]*d_pre_f[i,k] + y[i,d]*d_pre_g[i,k])",
        "d_c": "d_c = sum[i] (d_r[i] + d_s[i])",
    },
    "gan_generator": {
        "d_pre_h": "d_pre_h[i,k] = v[k]*(p[i] - 1)*(1 - h[i,k]**2)/m",
        "d_pre_y": "d_pre_y[i,d] = (1 - y[i,d]**2)*sum[h] d_pre_h[i,h]*W[d,h]",
        "d_A": "d_A[e,d] = sum[i] z[i,e]*d_pre_y[i,d]",
        "d_a": "d_a[d] = sum[i] d_pre_y[i,d]",
    },
    "gan_generator_saturating": {"d_A": "d_A[e,d] = sum[i] z[i,e]*d_pre_y[i,d]"},
    "wgan_gp": {
        "d_G": "d_G[i,d] = 2*lam*G[i,d]*(r[i] - 1)/(m*r[i])",
        "d_pre_g": "d_pre_g[i,k] = v[k]*(1 - g[i,k]**2)/m",
        "d_b": "d_b[k] = sum[i] (d_pre_f[i,k] + d_pre_g[i,k] + d_pre_h[i,k])",
        "d_W": (
            "d_W[d,k] = v[k]*sum[i] d_G[i,d]*(1 - h[i,k]**2)"
            " + sum[i] (x[i,d]*d_pre_f[i,k] + y[i,d]*d_pre_g[i,k] + z[i,d]*d_pre_h[i,k])"
        ),
    },
    "attention": _ATTENTION,
    "masked_attention": _ATTENTION,
    "causal_attention": {
        "d_P": "d_P[i,j] = [j <= i]*sum[f] d_O[i,f]*V[j,f]",
        "D": "D[i] = sum[f] d_O[i,f]*O[i,f]",
        "d_A": "d_A[i,j] = P[i,j]*(d_P[i,j] - D[i])",
        "d_Q": "d_Q[i,e] = 1/sqrt(E) * sum[t] d_A[i,t]*K[t,e]",
        "d_V": "d_V[i,f] = sum[t>=i] P[t,i]*d_O[t,f]",
    },
    "multi_head_attention": {
        "d_O": "d_O[b,h,t,e] = sum[d] d_Y[b,t,d]*Wo[h,e,d]",
        "Delta": "Delta[b,h,i] = sum[e] d_O[b,h,i,e]*O[b,h,i,e]",
        "d_A": "d_A[b,h,i,j] = P[b,h,i,j]*(d_P[b,h,i,j] - Delta[b,h,i])",
        "d_Q": "d_Q[b,h,t,e] = 1/sqrt(E) * sum[i] d_A[b,h,t,i]*K[b,h,i,e]",
        "d_X": ("d_X[b,t,d] = sum[h,e] (d_K[b,h,t,e]*Wk[h,d,e] + d_Q[b,h,t,e]*Wq[h,d,e] + d_V[b,h,t,e]*Wv[h,d,e])"),
        "d_Wq": "d_Wq[h,d,e] = sum[b,t] d_Q[b,h,t,e]*X[b,t,d]",
        "d_Wo": "d_Wo[h,e,d] = sum[b,t] O[b,h,t,e]*d_Y[b,t,d]",
    },
    "cross_attention": {
        "Delta": "Delta[b,h,t] = sum[e] d_O[b,h,t,e]*O[b,h,t,e]",
        "d_A": "d_A[b,h,t,s] = P[b,h,t,s]*(d_P[b,h,t,s] - Delta[b,h,t])",
        "d_X": "d_X[b,t,d] = sum[h,e] d_Q[b,h,t,e]*Wq[h,d,e]",
        "d_M": "d_M[b,s,c] = sum[h,e] (d_K[b,h,s,e]*Wk[h,c,e] + d_V[b,h,s,e]*Wv[h,c,e])",
    },
    "sinusoidal_positions": {"d_W": "d_W[v,e,c] = sum[t, v == tok[t]] d_y[t,e,c]"},
    "rope_half": {
        "d_x": (
            "d_x[t,c] = where(c < E, d_y[t,c]*cos(a[t,c]) + d_y[t,c+E]*sin(a[t,c]),"
            " d_y[t,c]*cos(a[t,c-E]) - d_y[t,c-E]*sin(a[t,c-E]))"
        ),
    },
    "feed_forward": {
        "d_pre_h": "d_pre_h[t,f] = [h[t,f] > 0]*sum[d] d_y[t,d]*W2[f,d]",
        "d_x": "d_x[t,d] = sum[f] d_pre_h[t,f]*W1[d,f]",
        "d_W2": "d_W2[f,d] = sum[t] h[t,f]*d_y[t,d]",
    },
    "pre_norm": {
        "d_a": "d_a[t,d] = sum[f] d_pre_h[t,f]*W1[d,f]",
        "d_x": (
            "d_x[t,d] = d_y[t,d] + r[t]*(d_xhat[t,d] - (xhat[t,d]*sum[i] d_xhat[t,i]*xhat[t,i] + sum[i] d_xhat[t,i])/D)"
        ),
    },
    "post_norm": {
        "d_s": ("d_s[t,d] = r[t]*(d_shat[t,d] - (shat[t,d]*sum[i] d_shat[t,i]*shat[t,i] + sum[i] d_shat[t,i])/D)"),
        "d_x": "d_x[t,d] = d_s[t,d] + sum[f] d_pre_h[t,f]*W1[d,f]",
    },
    "encoder_block": {
        "d_R2": "d_R2[t,d] = r2[t]*(d_N2[t,d] - (N2[t,d]*sum[i] d_N2[t,i]*N2[t,i] + sum[i] d_N2[t,i])/D)",
        "d_Y1": "d_Y1[t,d] = d_R2[t,d] + sum[f] d_pre_G[t,f]*W1[d,f]",
        "Delta": "Delta[h,i] = sum[e] d_O[h,i,e]*O[h,i,e]",
        "d_A": "d_A[h,i,j] = P[h,i,j]*(d_P[h,i,j] - Delta[h,i])",
        "d_X": ("d_X[t,d] = d_R1[t,d] + sum[h,e] (d_K[h,t,e]*Wk[h,d,e] + d_Q[h,t,e]*Wq[h,d,e] + d_V[h,t,e]*Wv[h,d,e])"),
    },
    "decoder_block": {
        "d_Y2": "d_Y2[t,d] = d_R3[t,d] + sum[f] d_pre_G[t,f]*W1[d,f]",
        "d_Y1": "d_Y1[t,d] = d_R2[t,d] + sum[h,e] d_Q2[h,t,e]*Uq[h,d,e]",
        "Delta1": "Delta1[h,i] = sum[e] d_O1[h,i,e]*O1[h,i,e]",
        "d_A1": "d_A1[h,i,j] = P1[h,i,j]*(d_P1[h,i,j] - Delta1[h,i])",
        "d_M": "d_M[s,d] = sum[h,e] (d_K2[h,s,e]*Uk[h,d,e] + d_V2[h,s,e]*Uv[h,d,e])",
    },
    "hmm": {
        "d_alpha": "d_alpha[t,k] = [t+1 < T]*sum[i] d_r[t+1,i]*A[k,i] + [t+1 == T]/P",
        "d_pi0": "d_pi0[k] = d_r[0,k]",
        "d_A": "d_A[k,j] = sum[t>0] alpha[t-1,k]*d_r[t,j]",
        "d_B": "d_B[k,m] = sum[t, m == obs[t]] d_alpha[t,k]*r[t,k]",
    },
    "ctc": {
        "d_r": "d_r[t,s] = d_alpha[t,s]*y[t,ext[s]]",
        "d_y": "d_y[t,k] = sum[s, k == ext[s]] d_alpha[t,s]*r[t,s]",
    },
}
