import numpy as np
import torch


def load(path):
    torch.load(path, weights_only=False)  # bad
    np.load(path, allow_pickle=True)  # bad


# good
def load_well(path):
    torch.load(path, weights_only=True)
    np.load(path)
