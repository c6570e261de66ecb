#!/usr/bin/env bash
# 100 episodes from cameras: the 95 % Wilson interval of the success rate must lie above 0.88 (94 of 100 do not suffice).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node "$root/dist/cli/main.js" sim --episodes 100 --workers 2 --seed 100 --json </dev/null | tail -n 1 |
  node -e '
    const { successes, wilson95, real_time_factor, failures } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    console.log(`${successes} of 100, lower bound ${wilson95[0].toFixed(3)}, ${real_time_factor.toFixed(1)} times real time`);
    for (const { episode, stage, reason } of failures) console.log(`  episode ${episode}: ${stage}: ${reason}`);
    process.exit(wilson95[0] >= 0.88 ? 0 : 1);'
