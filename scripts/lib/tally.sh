# Counts what the parts of `npm test` passed and failed. Sourced by scripts/test.

passed=0 failed=0 skipped=0 not_run=()

# check NAME COMMAND…: a part that counts as one test.
check() {
	local name=$1
	shift
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); say "failed: $name"; fi
}

# count NAME EXIT_CODE PASSED FAILED SKIPPED: a part with tests of its own. One that failed without a failed test, or
# ran none at all, is itself a failure.
count() {
	local name=$1 status=$2 ok=${3:-0} bad=${4:-0} skip=${5:-0}
	if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ "$ok" = 0 ]; }; then
		bad=1
		say "failed: $name ended with exit code $status after $ok tests"
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
}

# count_tap NAME EXIT_CODE FILE: the same from the summary of node's test runner.
count_tap() {
	local summary
	summary=$(awk '$1 == "#" && NF == 3 { n[$2] = $3 }
		END { print n["pass"] + 0, n["fail"] + n["cancelled"] + 0, n["skipped"] + n["todo"] + 0 }' "$3" 2>/dev/null || true)
	# shellcheck disable=SC2086
	count "$1" "$2" $summary
}

# A part that cannot run here: said at the end again; on CI, where everything must run, it fails.
cannot_run() {
	not_run+=("$1: $2")
	[ -z "${CI:-}" ] || failed=$((failed + 1))
}

# The last line, and the exit code.
report() {
	local part line
	for part in "${not_run[@]}"; do say "NOT RUN: $part"; done
	line="$passed passed, $failed failed"
	[ "$skipped" = 0 ] || line+=", $skipped skipped"
	echo "$line"
	[ "$failed" = 0 ]
}
