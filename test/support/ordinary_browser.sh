#!/bin/sh
# Runs $BROWSER without the right to raise its own priority: root's Chromium puts its pages before all other work, and the
# process that talks to the network behind them. No user's browser may.
plain="setpriv --bounding-set -sys_nice --inh-caps -sys_nice"
$plain true 2>/dev/null || plain=""
exec $plain "$BROWSER" "$@"
