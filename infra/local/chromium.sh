# Finds a Chromium for the tests that look at pages; on Debian, as root, installs one.
set -uo pipefail
for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && exit 0
done
[ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "· chromium"
    (apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium) \
        >.local/chromium.log 2>&1 && exit 0
    tail -5 .local/chromium.log >&2
fi
echo "missing: Chromium, for the tests that look at pages (Debian: apt-get install chromium)" >&2
exit 1
