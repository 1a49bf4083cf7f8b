#!/usr/bin/env bash
# Sourced by the scripts beside it: where things are, and the few words that all of them need.
# shellcheck disable=SC2034 # the variables are for those scripts
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/berth
data=${BERTH_DATA_DIR:-$HOME/.berth}
listen=${BERTH_LISTEN:-127.0.0.1:4566}
pid_file=$data/up.pid
log_file=$data/up.log

say() { printf '==> %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "this needs root, and there is no sudo: $*"
    fi
}

# apt_install PACKAGE…: from the distribution, without questions.
apt_install() {
    command -v apt-get >/dev/null ||
        die "only Debian and Ubuntu are known here; please install by hand: $*"
    say "installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" </dev/null >/dev/null
}

# within SECONDS COMMAND…: whether the command succeeds within that time.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.1
    done
}

# The process that `scripts/up` started, if it still runs.
berth_pid() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = berth ] || return 1
    printf '%s\n' "$pid"
}

stopped() { ! berth_pid >/dev/null; }

# Bash speaks enough HTTP for this; curl may not be there.
healthy() {
    local status host=${listen%:*}
    host=${host#[}
    exec 3<>"/dev/tcp/${host%]}/${listen##*:}" || return 1
    printf 'GET /health HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$listen" >&3
    IFS= read -r -t 5 status <&3 || status=
    exec 3>&-
    [[ $status == *' 200 '* ]]
} 2>/dev/null
