import tempfile


def make():
    return open(tempfile.mktemp(), "w")  # bad


# good
def make_well():
    with tempfile.TemporaryDirectory() as folder:
        return tempfile.mkstemp(dir=folder)
