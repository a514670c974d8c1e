# What every script needs: where the project is, whose it is, where its cache is, and how to say things. Sourced by
# bash.
set -euo pipefail
project=$(cd -P "${BASH_SOURCE[0]%/*}/../.." && pwd)

say() { printf 'pkttop: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# What is made in the checkout and in the cache belongs to the owner of the checkout, whoever runs the script.
owner=$EUID
[ "$EUID" != 0 ] || owner=$(stat -c %u "$project")
if [ "$owner" = "$EUID" ]; then
	cache=${XDG_CACHE_HOME:-$HOME/.cache}/pkttop
else
	IFS=: read -r owner_name _ _ owner_group _ owner_home _ < <(getent passwd "$owner") ||
		die "$project belongs to user $owner, who has no account here: chown it to somebody who has"
	cache=$owner_home/.cache/pkttop
fi

# Runs a command as the owner of the checkout. What npm and the desktop told root's programs is not for the owner's.
as_owner() {
	if [ "$owner" = "$EUID" ]; then "$@"; return; fi
	local unset=() name
	for name in $(compgen -e); do
		case $name in npm_* | XDG_* | SUDO_*) unset+=(-u "$name") ;; esac
	done
	setpriv --reuid "$owner" --regid "$owner_group" --init-groups \
		env "${unset[@]}" HOME="$owner_home" USER="$owner_name" LOGNAME="$owner_name" "$@"
}

# Runs a command as root. Whoever calls it has said before what for.
as_root() {
	if [ "$EUID" = 0 ]; then "$@"
	elif command -v sudo >/dev/null; then sudo -- "$@"
	else die "this needs root, and there is no sudo here: $*"
	fi
}

# Runs a command quietly; when it fails, shows the end of what it said and stops.
quietly() {
	local log status=0
	log=$(mktemp)
	"$@" >"$log" 2>&1 </dev/null || status=$?
	if [ $status != 0 ]; then
		tail -n 40 "$log" >&2
		rm -f "$log"
		die "failed with exit code $status: $*"
	fi
	rm -f "$log"
}

# stale TARGET SOURCE…: true when TARGET is missing or older than a source (folders with all in them; missing ones do
# not count).
stale() {
	local target=$1 source sources=()
	shift
	[ -e "$target" ] || return 0
	for source; do [ ! -e "$source" ] || sources+=("$source"); done
	[ -n "$(find "${sources[@]}" -newer "$target" -print -quit)" ]
}

# locked FUNCTION…: runs it while no other script of this checkout is in such a function: two at a time would make the
# same files.
locked() {
	local lock
	exec {lock}<"$project"
	flock "$lock"
	"$@"
	exec {lock}<&-
}
