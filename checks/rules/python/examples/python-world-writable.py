import os
import stat
from pathlib import Path


def open_up(path):
    os.chmod(path, 0o777)  # bad
    Path(path).chmod(0o666)  # bad
    os.chmod(path, stat.S_IRUSR | stat.S_IWOTH)  # bad


# good
def keep(path):
    os.chmod(path, 0o755)
    Path(path).chmod(0o600)
