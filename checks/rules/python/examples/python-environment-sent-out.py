import json
import os

import requests


def report(url):
    requests.post(url, json=dict(os.environ), timeout=5)  # bad


def slowly(url):
    everything = json.dumps({**os.environ})
    requests.post(url, data=everything, timeout=5)  # bad


# good
def report_well(url):
    requests.post(url, json={"host": os.environ["HOSTNAME"]}, timeout=5)
    requests.get(os.environ.get("SERVICE_URL"), timeout=5)
