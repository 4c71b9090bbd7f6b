"""Hostile programs: each tries one thing from inside a sandbox, and prints GOT where it got it.

A program is Python, run with `sys`, `os`, `socket`, `ctypes`, `call` (a system call by number, its error number or 0)
and `got` at hand. It gets values from the test by name: HOST_FILE (readable on the host only), HOST_PORT (a listener on
the host's loopback), ABSTRACT (an abstract Unix socket of the host), HOST_PID (a process of the host).
"""

# ruff: noqa: E501 - a hostile program is read best in a line of its own

import platform

from runner import syscalls

PRELUDE = """
import ctypes, errno, os, platform, signal, socket, stat, struct, subprocess, sys, time
LIBC = ctypes.CDLL(None, use_errno=True)
def call(number, *arguments):
    ctypes.set_errno(0)
    result = LIBC.syscall(number, *[ctypes.c_void_p(a) if isinstance(a, int) else a for a in arguments])
    return ctypes.get_errno() if result == -1 else 0
def got(what="it"):
    print("GOT", what, flush=True)
def reads(path):
    try:
        with open(path, "rb") as file:
            if file.read(1): got(path)
    except OSError:
        pass
def writes(path, data=b"x"):
    try:
        descriptor = os.open(path, os.O_WRONLY)
        os.write(descriptor, data)
        got(path)
    except OSError:
        pass
def connects(family, address, kind=socket.SOCK_STREAM):
    try:
        with socket.socket(family, kind) as s:
            s.settimeout(2)
            s.connect(address)
            if kind == socket.SOCK_DGRAM: s.send(b"x")
            got(address)
    except OSError:
        pass
"""

FILES = {
    "host-file": "reads(HOST_FILE)",
    "host-file-by-parents": "reads('/workspace/' + '../' * 40 + HOST_FILE.lstrip('/'))",
    "host-file-by-process-root": "for pid in range(1, 50): reads(f'/proc/{pid}/root' + HOST_FILE)",
    "host-file-by-process-folder": "for pid in range(1, 50): reads(f'/proc/{pid}/cwd/../../..' + HOST_FILE)",
    "host-file-by-own-link": "os.symlink(HOST_FILE, '/workspace/link'); reads('/workspace/link')",
    "host-file-by-hard-link": """
for name in ('/etc/passwd', '/usr/bin/env', '/mergelock/inside/init.py'):
    try:
        os.link(name, '/workspace/hard'); got(name)
    except OSError: pass""",
    "shadow": "reads('/etc/shadow')",
    "root-home": "\nfor name in ('.bashrc', '.ssh/id_rsa', '.profile'): reads(os.path.join('/root', name))",
    "ssh-host-keys": "reads('/etc/ssh/ssh_host_rsa_key'); reads('/etc/ssl/private/ssl-cert-snakeoil.key')",
    "machine-id": "reads('/etc/machine-id'); reads('/var/lib/dbus/machine-id')",
    "docker-socket": """
for path in ('/var/run/docker.sock', '/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'):
    connects(socket.AF_UNIX, path)""",
    "system-bus": "connects(socket.AF_UNIX, '/run/dbus/system_bus_socket')",
    "home-folders": "\nfor top in ('/home', '/root', '/var', '/run', '/srv', '/opt', '/mnt', '/media', '/boot'):\n"
    "    try:\n        names = [n for n in os.listdir(top) if n != 'nobody']\n"
    "        leaves = [os.path.join(r, f) for n in names for r, _, fs in os.walk(os.path.join(top, n)) for f in fs]\n"
    "        if any(HOST_MARK in name for name in leaves): got(top)\n    except OSError: pass",
    "kernel-memory": "\nfor name in ('/dev/mem', '/dev/kmem', '/dev/port', '/proc/kcore', '/proc/kmem'): reads(name)",
    "kernel-keys": "\nfor name in ('/proc/keys', '/proc/key-users', '/proc/timer_list', '/proc/sched_debug'): reads(name)",
    "kernel-log": "reads('/dev/kmsg'); reads('/proc/kmsg')",
    "disks": "\nfor name in os.listdir('/dev'):\n    if stat.S_ISBLK(os.lstat('/dev/' + name).st_mode): got(name)",
    "device-node": "\ntry:\n    os.mknod('/workspace/disk', 0o600 | stat.S_IFBLK, os.makedev(254, 0)); reads('/workspace/disk')\n"
    "except OSError: pass",
    "character-device-node": "\ntry:\n    os.mknod('/tmp/mem', 0o600 | stat.S_IFCHR, os.makedev(1, 1)); got()\nexcept OSError: pass",
    "terminal": "\ntry:\n    os.open('/dev/tty', os.O_RDWR); got()\nexcept OSError: pass",
    "inherited-descriptors": "\nfor n in range(3, 1024):\n    try:\n        os.fstat(n); got(n)\n    except OSError: pass",
    "host-environment": "\nimport glob\nfor name in glob.glob('/proc/*/environ'):\n    try:\n"
    "        if b'CANARY_OF_THE_HOST' in open(name, 'rb').read(): got(name)\n    except OSError: pass",
    "process-one-memory": "reads('/proc/1/mem'); reads('/proc/1/maps'); reads('/proc/1/environ'); writes('/proc/1/mem')",
    "process-one-descriptors": "\ntry:\n    os.listdir('/proc/1/fd') and got()\nexcept OSError: pass",
    "block-devices-in-sys": "\ntry:\n    os.listdir('/sys/block') and got()\nexcept OSError: pass",
    "cgroup-files": "writes('/sys/fs/cgroup/memory/memory.limit_in_bytes', b'-1'); writes('/sys/fs/cgroup/memory.max', b'max')",
}

KERNEL = {
    "core-pattern": "writes('/proc/sys/kernel/core_pattern', b'|/tmp/x')",
    "modprobe-path": "writes('/proc/sys/kernel/modprobe', b'/tmp/x')",
    "hostname-by-proc": "writes('/proc/sys/kernel/hostname', b'x')",
    "sysrq": "writes('/proc/sysrq-trigger', b'h')",
    "panic-setting": "writes('/proc/sys/kernel/panic', b'1')",
    "any-kernel-setting": "\nfor top, _, names in os.walk('/proc/sys'):\n    for name in names:\n"
    "        try:\n            os.close(os.open(os.path.join(top, name), os.O_WRONLY)); got(name)\n        except OSError: pass",
    "uevent-helper": "writes('/sys/kernel/uevent_helper', b'/tmp/x')",
    "release-agent": "writes('/sys/fs/cgroup/memory/release_agent', b'/tmp/x')",
    "binfmt": "writes('/proc/sys/fs/binfmt_misc/register', b':x:M::xx::/tmp/x:')",
    "user-map": "writes('/proc/self/uid_map', b'0 0 1'); writes('/proc/self/gid_map', b'0 0 1')",
    "out-of-memory-score": "writes('/proc/1/oom_score_adj', b'-1000'); writes('/proc/self/oom_score_adj', b'-1000')",
    "set-user": "\nfor change in (os.setuid, os.setgid):\n    try:\n        change(0); got()\n    except OSError: pass",
    "set-groups": "\ntry:\n    os.setgroups([0]); got()\nexcept OSError: pass",
    "set-user-program": "\nfor name in ('su', 'sudo', 'mount', 'passwd', 'newuidmap'):\n"
    "    done = subprocess.run(f'/usr/bin/{name} --version; /usr/bin/{name} -c id', shell=True, capture_output=True)\n"
    "    if b'uid=0' in done.stdout: got(name)",
    "own-set-user-program": "\nimport shutil\nshutil.copy('/usr/bin/id', '/workspace/id'); os.chmod('/workspace/id', 0o6755)\n"
    "if b'euid=0' in subprocess.run(['/workspace/id'], capture_output=True).stdout: got()",
    "ambient-capability": "LIBC.prctl(47, 2, 21, 0, 0) == 0 and got()",
    "new-privileges-again": "LIBC.prctl(38, 0, 0, 0, 0) == 0 and got()",
    "lower-nice": "\ntry:\n    os.nice(-5); got()\nexcept OSError: pass",
    "real-time": "\ntry:\n    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)); got()\nexcept OSError: pass",
    "raise-limits": "\nimport resource\nfor name in ('RLIMIT_CORE', 'RLIMIT_FSIZE'):\n    try:\n"
    "        resource.setrlimit(getattr(resource, name), (-1, -1)); got(name)\n    except (OSError, ValueError): pass",
    "set-clock": "\ntry:\n    time.clock_settime(time.CLOCK_REALTIME, time.time()); got()\nexcept OSError: pass",
    "set-hostname": "\ntry:\n    socket.sethostname('x'); got()\nexcept OSError: pass",
    "chroot": "\ntry:\n    os.chroot('/tmp'); got()\nexcept OSError: pass",
    "unshare-user": "LIBC.unshare(0x10000000) == 0 and got()",
    "unshare-net": "LIBC.unshare(0x40000000) == 0 and got()",
    "unshare-time": "LIBC.unshare(0x80) == 0 and got()",
    "unshare-program": "\nif subprocess.run(['unshare', '-Ur', 'id'], capture_output=True).returncode == 0: got()",
    "join-namespace": "\nfor name in os.listdir('/proc/1/ns') if os.access('/proc/1/ns', os.R_OK) else ():\n    try:\n"
    "        LIBC.setns(os.open('/proc/1/ns/' + name, 0), 0) == 0 and got(name)\n    except OSError: pass",
    "mount-tmpfs": "LIBC.mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0 and got()",
    "remount-writable": "LIBC.mount(b'none', b'/usr', None, 0x1020, None) == 0 and got()",
    "unmount": "LIBC.umount2(b'/mergelock/inside', 2) == 0 and got()",
    "swap": "LIBC.swapon(b'/tmp/x', 0) == 0 and got()",
    "trace-process-one": "LIBC.ptrace(16, 1, 0, 0) == 0 and got()",
    "trace-self": "LIBC.ptrace(0, 0, 0, 0) == 0 and got()",
    "signal-outside": "\nfor pid in (HOST_PID,):\n    try:\n        os.kill(pid, 0); got()\n    except OSError: pass",
    "kill-process-one": "os.kill(1, signal.SIGKILL); os.kill(1, signal.SIGSTOP); time.sleep(0.2)",
    "processes-of-the-host": "len([n for n in os.listdir('/proc') if n.isdigit()]) > 5 and got()",
    "type-into-terminal": "\nimport fcntl\ntry:\n    fcntl.ioctl(0, 0x5412, b'x'); got()\nexcept OSError: pass",
    "no-randomisation": "LIBC.personality(0x0040000) != -1 and got()",
    "keyring-session": "call(NUMBERS['keyctl'], 0, -3, 0) == 0 and got()",
    "perf-events": "call(NUMBERS['perf_event_open'], ctypes.create_string_buffer(128), 0, -1, -1, 0) in (0, 22, 7) and got()",
    "x32-calls": "call(0x40000000 | 39) == 0 and got()",
    "unknown-call": "call(480, 0, 0, 0) != errno.ENOSYS and got()",
    "clone3": "call(NUMBERS['clone3'], ctypes.create_string_buffer(88), 88) != errno.ENOSYS and got()",
    "debugger-on-sibling": "\nchild = subprocess.Popen(['sleep', '5'])\nLIBC.ptrace(16, child.pid, 0, 0) == 0 and got()\nchild.kill()",
}

NETWORK = {
    "host-loopback": "connects(socket.AF_INET, ('127.0.0.1', HOST_PORT))",
    "host-loopback-6": "connects(socket.AF_INET6, ('::1', HOST_PORT))",
    "host-loopback-mapped": "connects(socket.AF_INET6, ('::ffff:127.0.0.1', HOST_PORT))",
    "abstract-socket": "connects(socket.AF_UNIX, '\\0' + ABSTRACT)",
    "metadata": "connects(socket.AF_INET, ('169.254.169.254', 80))",
    "metadata-6": "connects(socket.AF_INET6, ('fd00:ec2::254', 80))",
    "docker-bridge": "connects(socket.AF_INET, ('172.17.0.1', HOST_PORT))",
    "outside": "connects(socket.AF_INET, ('192.0.2.1', 80)); connects(socket.AF_INET, ('1.1.1.1', 443))",
    "outside-6": "connects(socket.AF_INET6, ('2001:db8::1', 80))",
    "datagram": "connects(socket.AF_INET, ('192.0.2.1', 53), socket.SOCK_DGRAM)",
    "names": "\ntry:\n    socket.getaddrinfo('example.org', 80); got()\nexcept OSError: pass",
    "name-servers-of-the-host": "any(line.startswith('nameserver') for line in open('/etc/resolv.conf')) and got()",
    "broadcast": "\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.setsockopt(1, 6, 1)\ntry:\n"
    "    s.sendto(b'x', ('255.255.255.255', 9)); got()\nexcept OSError: pass",
    "interfaces": "[n for _, n in socket.if_nameindex() if n not in ('lo', 'tunl0', 'sit0', 'ip6tnl0', 'gre0', 'erspan0', 'gretap0', 'ip_vti0', 'ip6_vti0', 'ip6gre0')] and got()",
    "raw-socket": "\ntry:\n    socket.socket(socket.AF_INET, socket.SOCK_RAW, 1); got()\nexcept OSError: pass",
    "packet-socket": "\ntry:\n    socket.socket(17, socket.SOCK_RAW, 0x0300); got()\nexcept OSError: pass",
    "vsock": "connects(40, (2, 22)) if hasattr(socket, 'AF_VSOCK') else None",
    "sctp": "\ntry:\n    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132); got()\nexcept OSError: pass",
    "netlink-audit": "\ntry:\n    socket.socket(16, socket.SOCK_RAW, 9); got()\nexcept OSError: pass",
    "netlink-uevent": "\ntry:\n    socket.socket(16, socket.SOCK_RAW, 15); got()\nexcept OSError: pass",
    "add-address": "\nif subprocess.run('ip link add d type dummy || ip addr add 10.0.0.9/8 dev lo', shell=True,"
    " capture_output=True).returncode == 0: got()",
    "low-port-of-the-host": "\ntry:\n    s = socket.socket(); s.bind(('127.0.0.1', HOST_PORT)); s.listen(); pass\nexcept OSError: got('the port is taken: it is the host loopback')",
}


def refused_calls() -> dict[str, str]:
    """One program for each system call that is refused whatever its arguments: it answers our refusal, nothing else."""
    machine = platform.machine()
    found = {}
    for rule in syscalls.ALWAYS:
        number = getattr(rule, machine)
        if number is not None:
            found[f"call-{rule.name}"] = f"call({number}, 0, 0, 0, 0, 0) != {int(rule.refusal)} and got()"
    return found


def refused_families() -> dict[str, str]:
    """One program for each address family that has a part of the kernel to itself."""
    allowed = {1, 2, 10, 16}
    script = "\ntry:\n    socket.socket({}, {}); got()\nexcept OSError as error:\n    error.errno == 97 or got(error)"
    return {
        f"family-{family}": script.format(family, kind)
        for family in range(3, 46)
        if family not in allowed
        for kind in (2,)
    }


def numbers() -> dict[str, int | None]:
    """The refused calls' numbers on this machine."""
    return {rule.name: getattr(rule, platform.machine()) for rule in syscalls.RULES}
