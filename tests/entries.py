"""The entries of the catalogue as parameters of tests."""

from gradproof import catalogue

#: Layers whose derivations take longest: few tests walk over them, and they have tests of their own.
LAYERS = """
batch_norm layer_norm group_norm rms_norm
conv1d conv2d conv2d_grouped conv2d_depthwise conv_transpose1d conv_transpose2d
avg_pool1d avg_pool2d max_pool1d max_pool2d global_avg_pool global_max_pool
rnn rnn_loss rnn_masked rnn_truncated birnn lstm lstm_peephole lstm_cell gru gru_reset_before
gan_discriminator gan_generator gan_generator_saturating wgan_gp
attention masked_attention causal_attention multi_head_attention cross_attention
sinusoidal_positions rope rope_half feed_forward pre_norm post_norm encoder_block decoder_block
hmm ctc
"""
#: What takes a whole matrix: a linear system or a log-determinant.
MATRICES = "gaussian_multivariate gaussian_precision inverse linear_solve log_determinant"
#: All entries but the layers.
SMALL = tuple(n for n in catalogue.names() if n not in LAYERS.split())
