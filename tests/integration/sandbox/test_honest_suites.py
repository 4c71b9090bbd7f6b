"""What honest test suites do works inside: no wall stands in their way."""

import pytest

from tests.integration.sandbox.conftest import SMALL, Runs

PROGRAMS = {
    "processes-that-share": """
import multiprocessing
with multiprocessing.get_context("fork").Pool(3) as pool:
    assert pool.map(abs, range(-20, 0)) == list(range(20, 0, -1))
queue = multiprocessing.Queue(); queue.put(1); assert queue.get() == 1
""",
    "shared-memory": """
from multiprocessing import shared_memory
one = shared_memory.SharedMemory(create=True, size=100); one.buf[0] = 7
two = shared_memory.SharedMemory(one.name); assert two.buf[0] == 7
two.close(); one.close(); one.unlink()
""",
    "spawned-processes": """
import subprocess, sys
assert subprocess.run([sys.executable, "-c", "print(1)"], capture_output=True, check=True).stdout == b"1\\n"
assert subprocess.run("echo $((1+1)) | cat", shell=True, capture_output=True).stdout == b"2\\n"
""",
    "event-loop": """
import asyncio
async def main():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert await reader.read() == b""
    writer.close()
    process = await asyncio.create_subprocess_exec("cat", stdin=-1, stdout=-1)
    assert (await process.communicate(b"x"))[0] == b"x"
    server.close()
asyncio.run(main())
""",
    "loopback-servers": """
import http.server, threading, urllib.request
server = http.server.ThreadingHTTPServer(("localhost", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
assert urllib.request.urlopen(f"http://localhost:{server.server_port}/").status == 200
server.shutdown()
""",
    "datagrams-and-unix-sockets": """
import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 0)); a.connect(a.getsockname()); a.send(b"x")
assert a.recv(1) == b"x"
u = socket.socket(socket.AF_UNIX); u.bind("/tmp/u"); u.listen()
c = socket.socket(socket.AF_UNIX); c.connect("/tmp/u")
x, y = socket.socketpair(); x.send(b"1"); assert y.recv(1) == b"1"
assert socket.gethostbyname("localhost") == "127.0.0.1"
socket.gethostbyname(socket.gethostname()); socket.if_nameindex()
""",
    "signals-timers-terminals": """
import os, pty, signal, time
hits = []
signal.signal(signal.SIGALRM, lambda *_: hits.append(1)); signal.setitimer(signal.ITIMER_REAL, 0.01); signal.pause()
assert hits; master, slave = pty.openpty(); os.write(slave, b"x"); assert os.read(master, 1) == b"x"
os.kill(os.getpid(), 0); os.getpgid(0); os.nice(1); os.sched_getaffinity(0)
""",
    "files": """
import mmap, os, pathlib, shutil, sqlite3, tempfile, fcntl
with tempfile.TemporaryDirectory() as folder:
    p = pathlib.Path(folder, "f"); p.write_text("x" * 5000); os.link(p, p.with_name("g")); p.chmod(0); p.chmod(0o600)
    os.utime(p, (1, 2)); os.truncate(p, 10); shutil.copytree(folder, folder + "2"); os.mkfifo(p.with_name("h"))
    with open(p, "r+b") as f: fcntl.flock(f, fcntl.LOCK_EX); mmap.mmap(f.fileno(), 0)
    db = sqlite3.connect(folder + "/db"); db.execute("pragma journal_mode=wal"); db.close()
os.memfd_create("x"); assert pathlib.Path.home().is_dir(); open(pathlib.Path.home() / "x", "w").close()
""",
    "who-it-is": """
import getpass, os, pwd, locale, time, zoneinfo, mimetypes, socket, platform
assert getpass.getuser() == pwd.getpwuid(os.getuid()).pw_name == "nobody"
assert os.path.expanduser('~') == '/home/nobody'
assert socket.getservbyname("http") == 80; zoneinfo.ZoneInfo("Europe/Vienna"); time.localtime(); platform.platform()
""",
    "a-repository": """
import subprocess
run = lambda *a: subprocess.run(a, check=True, capture_output=True)
run("git", "init", "-q", "."); open("f", "w").write("x"); run("git", "add", "f")
run("git", "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "x"); run("git", "status")
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_works(run: Runs, name: str) -> None:
    """As on any machine."""
    environment = {"USER": "nobody"}
    outcome = run.python(PROGRAMS[name], environment=environment)
    assert outcome.ok, outcome.stderr.decode(errors="replace")


def test_extensions_are_compiled_where_there_is_a_compiler(run: Runs) -> None:
    """Built in the private folder, loaded from it."""
    if not run("/bin/sh", "-c", "command -v cc").ok:
        pytest.skip("no compiler in this sandbox")
    script = "printf 'int two(void){return 2;}' > /tmp/t.c && cc -shared -fPIC -o /tmp/t.so /tmp/t.c"
    load = "import ctypes; assert ctypes.CDLL('/tmp/t.so').two() == 2"
    outcome = run("/bin/sh", "-c", f'{script} && {run.sandbox.info.interpreter} -c "{load}"', limits=SMALL)
    assert outcome.ok, outcome.stderr
