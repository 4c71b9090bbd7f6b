import yaml


def read(text):
    yaml.unsafe_load(text)  # bad
    yaml.load(text, Loader=yaml.Loader)  # bad
    yaml.load(text, yaml.UnsafeLoader)  # bad


# good
def read_well(text):
    yaml.safe_load(text)
    yaml.load(text, Loader=yaml.SafeLoader)
