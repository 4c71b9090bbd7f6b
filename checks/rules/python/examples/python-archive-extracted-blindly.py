import tarfile
import zipfile


def unpack(path, folder):
    with tarfile.open(path) as archive:
        archive.extractall(folder)  # bad
    tarfile.open(path).extractall(folder)  # bad


# good
def unpack_well(path, folder):
    with tarfile.open(path) as archive:
        archive.extractall(folder, filter="data")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
