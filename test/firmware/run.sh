#!/bin/sh
# Runs the test programs given and adds up their last lines.
passed=0
failed=0
for program in "$@"; do
    echo "== $(basename "$program")"
    output=$("$program" 2>&1)
    code=$?
    echo "$output"
    last=$(echo "$output" | tail -n 1)
    case $last in
    *" passed, "*" failed")
        passed=$((passed + ${last%% *}))
        rest=${last#*passed, }
        failed=$((failed + ${rest%% *}))
        ;;
    *)
        code=1
        ;;
    esac
    if [ "$code" -ne 0 ] && [ "${last##*, }" = "0 failed" -o "${last%failed}" = "$last" ]; then
        failed=$((failed + 1))
        echo "FAIL $(basename "$program") ended with $code"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
