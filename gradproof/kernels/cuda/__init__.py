"""The CUDA target: a plan's tree as a sequence of launches, and their kernels as text.

`fission` cuts the regions of a plan at matrix products, `homes` says where tensors then live, `blocks` writes the
kernel of a launch, `host` the function around the launches, `module` the file.
"""
