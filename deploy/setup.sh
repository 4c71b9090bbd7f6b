#!/usr/bin/env bash
# Makes a checkout ready to use. Each part says what it does, is safe to repeat, and does nothing where nothing is missing.
#
#   deploy/setup.sh            the virtual environment, git, bubblewrap: all that `mergelock check` and the demo need
#   deploy/setup.sh docker     also a Docker engine, started if none answers (needs root)
#   deploy/setup.sh test       also what the tests drive: Docker, PostgreSQL, Chromium, Node's package client
#
# Without root, what is missing is named with the command that installs it; with CI=true a missing part is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
part=${1:-core}
missing=0

say() { printf '\033[2m%s\033[0m\n' "setup: $*" >&2; }

lacking() { # a part cannot be had: a failure in CI and for the core, else a warning that tests repeat when they skip
  printf 'setup: %s\n' "$*" >&2
  missing=1
}

updated=0
debian() { # debian PROGRAM PACKAGE...: install the packages unless the program (a name or a path) is there
  local program=$1; shift
  if command -v "$program" >/dev/null 2>&1 || [ -x "$program" ]; then return 0; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    lacking "$program is missing. As root: apt-get install $*"
    return 1
  fi
  say "installing $* (Debian)"
  if [ $updated = 0 ]; then apt-get update -qq; updated=1; fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

choose_python() { # the system's own first: a sandbox sees /usr, not a home folder
  local candidate
  for candidate in /usr/bin/python3 python3.11 python3.12 python3.13 python3; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  return 1
}

core() {
  debian git git || true
  debian python3 python3 python3-venv || true
  local python
  python=$(choose_python) || { lacking "Python 3.11 or newer is missing. As root: apt-get install python3 python3-venv"; exit 2; }
  if [ ! -x .venv/bin/python ]; then
    say "making .venv with $python"
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then debian ensurepip-is-a-module python3-venv || exit 2; fi
    "$python" -m venv .venv
  fi
  # uv is fast but does not read pip's configuration: hand it over, so that a company's mirror works here too.
  local index cert
  index=${PIP_INDEX_URL:-$(.venv/bin/pip config get global.index-url 2>/dev/null || true)}
  cert=${PIP_CERT:-$(.venv/bin/pip config get global.cert 2>/dev/null || true)}
  if [ -n "$index" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
  if [ -n "$cert" ]; then export SSL_CERT_FILE=${SSL_CERT_FILE:-$cert}; fi
  if [ ! -x .venv/bin/uv ]; then
    say "installing uv from the lock"
    local pinned
    pinned=$(mktemp)
    awk '/^uv==/ {on=1} on && /^[^ ]/ && !/^uv==/ {exit} on' requirements.lock > "$pinned"
    .venv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r "$pinned"
    rm -f "$pinned"
  fi
  if ! cmp -s requirements.lock .venv/.installed.lock; then
    say "installing the locked dependencies"
    # Compiled now: sandboxes see these packages read-only, and would compile them anew in every run.
    .venv/bin/uv pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
    .venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
    cp requirements.lock .venv/.installed.lock
  fi
}

docker_engine() {
  if docker info >/dev/null 2>&1; then return 0; fi
  debian dockerd docker.io || return 0
  debian mmdebstrap mmdebstrap || return 0
  if [ "$(id -u)" != 0 ]; then lacking "no Docker engine answers. As root: dockerd &"; return 0; fi
  say "starting the Docker engine (its log: /var/log/dockerd-mergelock.log)"
  setsid dockerd >/var/log/dockerd-mergelock.log 2>&1 </dev/null &
  for _ in $(seq 60); do
    if docker info >/dev/null 2>&1; then return 0; fi
    read -r -t 0.5 <> <(:) || true
  done
  lacking "the Docker engine did not start within 30 s; see /var/log/dockerd-mergelock.log"
}

for_tests() {
  docker_engine
  debian mmdebstrap mmdebstrap || true
  if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then debian initdb-is-not-on-the-path postgresql || true; fi
  debian chromium chromium || true
  debian npm nodejs npm || true
  debian cc gcc libc6-dev python3-dev || true # real libraries with compiled parts are among the tests
  if command -v npm >/dev/null && ! cmp -s tests/github/package-lock.json tests/github/node_modules/.installed; then
    say "installing GitHub's own API description (npm)"
    npm ci --prefix tests/github --ignore-scripts --no-audit --no-fund --silent
    cp tests/github/package-lock.json tests/github/node_modules/.installed
  fi
}

core
case $part in
  core) ;;
  docker) docker_engine ;;
  test) for_tests ;;
  *) echo "usage: deploy/setup.sh [core|docker|test]" >&2; exit 2 ;;
esac
if [ $missing = 1 ] && [ "${CI:-}" = true ]; then
  echo "setup: CI=true and something is missing (above)" >&2
  exit 1
fi
