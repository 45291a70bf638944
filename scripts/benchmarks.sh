#!/usr/bin/env bash
# Fills the figures into docs/benchmarks.md from artifacts/*.json: columns headed before, pinned, cold, node and off, in rows that start
# with an operation's name. Without UPDATE=1 it only checks that they are up to date.
. "$(dirname "$0")/lib.sh"
PAGE=docs/benchmarks.md
command -v jq >/dev/null || need_packages jq

# One line per figure: operation|column|figure.
figures() {
  jq -rn --slurpfile now artifacts/gas.json --slurpfile before artifacts/gas-before.json --slurpfile node artifacts/gas-node.json '
    def grouped: tostring | if length > 3 then (.[:-3] | grouped) + " " + .[-3:] else . end;
    $now[0] | to_entries[] | .key as $operation | .value as $is | $node[0][$operation] as $node
    | {pinned: $is.pinned, cold: $is.cold, before: $before[0][$operation].pinned, node: $node}
    | map_values(if . then grouped else "–" end)
    | .off = if $node then "\(($is.pinned - $node) * 1000 / $node | round / 10) %" else "–" end
    | to_entries[] | "\($operation)|\(.key)|\(.value)"'
}

fill() {
  awk -F'|' -v OFS='|' '
    FNR == NR { figure[$1, $2] = $3; known[$1]; next }
    function trim(text) { gsub(/^ +| +$/, "", text); return text }
    trim($2) == "operation" { for (i in heading) delete heading[i]; for (i = 2; i < NF; i++) heading[i] = trim($i) }
    trim($2) in known { for (i in heading) if ((trim($2), heading[i]) in figure) $i = " " figure[trim($2), heading[i]] " "; shown[trim($2)] }
    { print }
    END { for (operation in known) if (!(operation in shown)) { print operation " has no row" >"/dev/stderr"; missing = 1 } exit missing }
  ' <(printf '%s\n' "$figures") $PAGE
}

figures=$(figures)
filled=$(fill)
if [ -n "${UPDATE:-}" ]; then
  printf '%s\n' "$filled" >$PAGE
else
  diff $PAGE - <<<"$filled" || { echo "$PAGE is out of date: UPDATE=1 $0" >&2; exit 1; }
fi
