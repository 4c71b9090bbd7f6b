import os
import shlex
import subprocess


def pack(name, folder):
    os.system(f"tar cf {name} {folder}")  # bad
    subprocess.run("tar cf " + name, shell=True, check=True)  # bad
    subprocess.call("tar cf %s" % name, shell=True)  # bad
    subprocess.check_call("tar cf {}".format(name), shell=True)  # bad


# good
def pack_well(name, folder):
    subprocess.run(["tar", "cf", name, folder], check=True)
    subprocess.run("sync", shell=True, check=True)
    os.system("tar cf " + shlex.quote(name))
