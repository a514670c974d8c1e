# Packages of other Debian releases, fetched with the machine's own mirror and keys through lists of our own: the apt
# configuration of the machine is read, never changed. Needs common.sh.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# mirror SUITE: the address of the mirror that has SUITE, from the machine's own apt configuration in whatever form it
# is written. Other repositories may name their suite after Debian's release, but none has updates beside it.
mirror() {
	local codename suite
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	case $1 in *-security) suite=$codename-security ;; *) suite=$codename-updates ;; esac
	apt-get update --print-uris 2>/dev/null |
		awk -F "'" -v codename="$codename" -v suite="$suite" '
			split($2, part, "/dists/") == 2 && part[2] ~ "/main/binary-" {
				sub("/main/.*", "", part[2])
				if (!(part[2] in address)) address[part[2]] = part[1]
			}
			END { print suite in address ? address[suite] : address[codename] }'
}

# private_apt DIR 'deb|deb-src SUITE'…: makes DIR an apt of its own for these suites; `apt_in DIR` then runs commands on
# it. False when the mirror does not have them. apt checks the signatures as always.
private_apt() {
	local dir=$1 entry type suite uri list=
	shift
	[ -e "$keyring" ] && command -v apt-get >/dev/null || die 'this needs packages of Debian, and this machine is none'
	for entry; do
		read -r type suite <<<"$entry"
		uri=$(mirror "$suite")
		[ -n "$uri" ] || die "apt here has no Debian mirror for $suite: see /etc/apt/sources.list.d"
		list+="$type [signed-by=$keyring] $uri $suite main"$'\n'
	done
	as_owner mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	as_owner tee "$dir/sources.list" <<<"$list" >/dev/null
	apt_in "$dir" apt-get update >"$dir/log" 2>&1 </dev/null
}

# apt_in DIR apt-get|apt-cache ARGUMENT…
apt_in() {
	local dir=$1 tool=$2
	shift 2
	(cd "$dir" && as_owner "$tool" -q -o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null -o Dir::State::lists="$dir/lists" \
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User= -o APT::Update::Error-Mode=any \
		-o Acquire::Languages=none -o Debug::NoLocking=true "$@")
}
