import os
import shlex
import subprocess

from flask import request


def ping():
    os.system("ping -c 1 " + request.args["host"])  # bad


def listing():
    folder = request.args.get("folder")
    return subprocess.check_output(f"ls {folder}", shell=True)  # bad


# good
def as_a_list():
    return subprocess.run(["ls", "--", request.args["folder"]], check=True)


def quoted():
    os.system("ping -c 1 " + shlex.quote(request.args["host"]))


def fixed():
    subprocess.run("df | sort", shell=True)
