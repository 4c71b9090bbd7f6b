import urllib.request

import requests


def fetch(url, options):
    requests.get(url)  # bad
    urllib.request.urlopen(url)  # bad


# good
def fetch_well(url, options):
    requests.get(url, timeout=10)
    requests.post(url, **options)
    urllib.request.urlopen(url, timeout=10)
