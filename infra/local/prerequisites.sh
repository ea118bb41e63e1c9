# Says in words which of the few things that must be there beforehand is missing, and how to get it.
set -uo pipefail
missing=0
miss() {
    printf 'missing: %s\n' "$1" >&2
    missing=1
}

command -v git >/dev/null || miss "git (Debian: apt-get install git)"
if [ -z "${PYTHON:-}" ]; then
    miss "Python 3.11 or newer as python3 (found: $(python3 --version 2>&1 || true))"
elif ! "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null; then
    miss "venv for $($PYTHON --version) (Debian: apt-get install python3-venv)"
fi
if ! command -v node >/dev/null; then
    miss "Node 20 or newer (https://nodejs.org), for the cdk command"
elif ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 20 ? 1 : 0)'; then
    miss "Node 20 or newer, for the cdk command (found: $(node --version))"
fi
command -v npm >/dev/null || miss "npm (comes with Node; Debian: apt-get install npm)"
exit $missing
