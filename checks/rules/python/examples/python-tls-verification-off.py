import ssl

import httpx
import requests


def fetch(url):
    requests.get(url, verify=False, timeout=5)  # bad
    httpx.Client(verify=False)  # bad
    context = ssl.create_default_context()
    context.check_hostname = False  # bad
    context.verify_mode = ssl.CERT_NONE  # bad
    return ssl._create_unverified_context()  # bad


# good
def fetch_well(url):
    requests.get(url, verify="ca.pem", timeout=5)
    httpx.Client(verify=True)
    context = ssl.create_default_context()
    context.verify_mode = ssl.CERT_REQUIRED
