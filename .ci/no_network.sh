#!/usr/bin/env bash
# The product without any route, loopback included, and with every attempt to connect on record.
set -euo pipefail
out=$1
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$out"
run=(node "$root/dist/cli/main.js" run --episodes 1 --json --out "$out/run")
cut=() watched=()
if unshare -n true 2>/dev/null; then
  cut=(unshare -n)
elif unshare -rn true 2>/dev/null; then
  cut=(unshare -rn)
fi
if strace -f -o /dev/null true 2>/dev/null; then
  watched=(strace -f -qq --seccomp-bpf -e trace=connect,sendto -o "$out/connections")
fi
if [ ${#cut[@]} -eq 0 ] && [ ${#watched[@]} -eq 0 ]; then
  echo 'neither unshare nor strace may be used here: run as root, or allow user namespaces'
  exit 1
fi
"${cut[@]}" "${watched[@]}" "${run[@]}" </dev/null >"$out/stdout" 2>"$out/stderr" || {
  status=$?
  tail -n 30 "$out/stderr"
  echo "exit $status"
  exit 1
}
node "$root/.ci/check_run.mjs" "$out/stdout" 1
if [ -f "$out/connections" ] && grep -E 'sa_family=AF_INET' "$out/connections"; then
  echo 'the product tried to connect'
  exit 1
fi
echo "without a route: ${cut[*]:-no}; attempts recorded: ${watched[0]:-no}"
