import asyncssh
import paramiko


async def connect(host):
    client = paramiko.SSHClient()
    client.set_missing_host_key_policy(paramiko.AutoAddPolicy())  # bad
    return await asyncssh.connect(host, known_hosts=None)  # bad


# good
def connect_well():
    client = paramiko.SSHClient()
    client.load_system_host_keys()
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
