# Worst stack of an AVR image, from `avr-objdump -d`: what every function pushes and allocates, down the deepest chain of calls,
# plus the deepest interrupt on top of it (interrupts do not nest). There is no recursion and no call through a pointer; if
# there were, this would say so.
/^[0-9a-f]+ <.*>:$/ { f = $2; gsub(/[<>:]/, "", f); order[++n] = f; open = 1; next }
/\tpush\t/ { push[f]++ }
/rcall\t\.\+0 / { frame[f] += 2; next }
/\tin\tr28, 0x3d/ { fp[f] = 1; next }
fp[f] == 1 && /\t(sbiw|subi)\tr28, 0x/ { split($0, p, /r28, 0x/); frame[f] += hex(p[2]); fp[f] = 2; next }
/\t(icall|eicall)/ { print "call through a pointer in " f > "/dev/stderr"; bad = 1 }
/\t(r?call|r?jmp|jmp|br[a-z]+)\t/ {
    if (match($0, /<[^>+]+>$/)) { t = substr($0, RSTART + 1, RLENGTH - 2); if (t != f) edge[f, ++edges[f]] = t ($0 ~ /call/ ? "" : " jump") }
}
function hex(s,   i, v, c) {
    v = 0; s = tolower(s)
    for (i = 1; i <= length(s); i++) { c = index("0123456789abcdef", substr(s, i, 1)); if (!c) break; v = v * 16 + c - 1 }
    return v
}
function depth(g,   i, d, most, t, jump) {
    if (g in done) return done[g]
    if (busy[g]) return 0
    busy[g] = 1; most = 0
    for (i = 1; i <= edges[g]; i++) {
        t = edge[g, i]; jump = sub(/ jump$/, "", t)
        d = depth(t) + (jump ? 0 : 2)
        if (d > most) { most = d; via[g] = t }
    }
    busy[g] = 0
    return done[g] = most + push[g] + frame[g]
}
END {
    isr = 0
    for (i = 1; i <= n; i++) if (order[i] ~ /^__vector_[0-9]+$/ && depth(order[i]) + 2 > isr) isr = depth(order[i]) + 2
    total = depth("main") + 2 + isr
    if (verbose) { for (g = "main"; g; g = via[g]) print g, push[g] + frame[g] > "/dev/stderr"; print "interrupt", isr > "/dev/stderr" }
    print bad ? 9999 : total
}
