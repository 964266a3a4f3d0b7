# Flash, RAM and what is left of them, from avr-size and the worst stack (stack.awk). Fails when the stack's margin is under 64 B.
#
NR == 2 {
    flash = $1 + $2; variables = $2 + $3; left = 2048 - variables - stack
    printf "flash      %5d of 32256 bytes\n", flash
    printf "variables  %5d of  2048 bytes\n", variables
    printf "stack      %5d bytes at worst\n", stack
    printf "margin     %5d bytes\n", left
    if (flash > 32256 || left < 64) { print "this does not fit: lower RING_HALF_HOURS in core/ring.h (never under 24)"; exit 1 }
}
