#!/bin/sh
# What the README tells a newcomer to type works.
. "$(dirname "$0")/lib.sh"

ln -s "$root/configs" "$root/traces" .
awk '/^```json/ { on = 1; next } /^```/ { on = 0 } on' "$root/README.md" \
    >mine.json
expect 0 '' trace info traces/kv-set.pcap
expect 0 '' validate mine.json
expect 0 '' run mine.json
for file in result.json summary.csv rate.svg rate.png; do
    [ -s "out/mine/$file" ] || complain "out/mine/$file is missing"
done
expect 0 '' run mine.json --set guests.n_cpus=4 --set run.seed=2

# Every file that it points to is there.
sed -n 's/.*](\([^)]*\)).*/\1/p' "$root/README.md" >links
[ "$(wc -l <links)" -ge 5 ] || complain 'no links were found'
while read -r link; do
    [ -e "$root/$link" ] || complain "README.md links to $link"
done <links
finish
