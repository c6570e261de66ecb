#!/usr/bin/env bash
# What somebody else gets: a clone in a path with a space, an empty HOME and npm user configuration, no terminal, and a
# PATH without Python, compiler and browser. Only how to reach the package registry is taken over from this machine.
set -euo pipefail
where=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home="$where/home" bin="$where/bin" clone="$where/sure pick"
mkdir -p "$home" "$bin"
git clone --quiet "$root" "$clone"

for tool in node npm npx git sh bash env cat ls cp mv rm mkdir rmdir ln chmod uname dirname basename readlink date sleep tr head tail cut sort; do
  path=$(command -v "$tool") && ln -sf "$(readlink -f "$path")" "$bin/$tool"
done

settings=$(npm config get userconfig 2>/dev/null || true)
if [ -f "$settings" ]; then
  grep -E '^(//|@[^=]*:registry|registry|cafile|ca|proxy|https-proxy|noproxy)' "$settings" >"$home/.npmrc" || true
  chmod 600 "$home/.npmrc"
fi
keep=()
for name in npm_config_registry NPM_CONFIG_REGISTRY npm_config_cafile NODE_EXTRA_CA_CERTS SSL_CERT_FILE \
  HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy; do
  [ -n "${!name-}" ] && keep+=("$name=${!name}")
done
cache=$(npm config get cache 2>/dev/null)

cd "$clone"
started=$(date +%s)
status=0
setsid --wait env -i HOME="$home" PATH="$bin" TMPDIR="$where" npm_config_cache="$cache" "${keep[@]}" \
  npm start -- --episodes 3 --json </dev/null >"$where/stdout" 2>"$where/stderr" || status=$?
echo "npm start -- --episodes 3 --json: exit $status after $(($(date +%s) - started)) s"
if [ "$status" -ne 0 ]; then
  tail -n 30 "$where/stderr"
  exit 1
fi
node .ci/check_run.mjs "$where/stdout" 3
if [ -n "$(git status --porcelain)" ]; then
  echo 'the run left files in the checkout that git does not ignore:'
  git status --porcelain
  exit 1
fi
env -i HOME="$home" PATH="$bin" npx --no-install surepick doctor --json </dev/null 2>"$where/doctor" | tail -n 1 |
  node -e 'if (!JSON.parse(require("node:fs").readFileSync(0, "utf8")).usable) process.exit(1)'
