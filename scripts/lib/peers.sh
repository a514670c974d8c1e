# Other tracers that pkttop is measured against: bpftrace and pwru of Debian 13 with their libraries, unpacked into a folder
# of their own, never installed. Needs common.sh, debian.sh.

peers=$cache/peers

need_peers() {
	[ ! -d "$peers" ] || return 0
	local work=$peers.new package packages
	say "fetching bpftrace and pwru of Debian 13, about 70 MB, once, into $peers"
	as_owner rm -rf "$work"
	as_owner mkdir -p "$work/root"
	private_apt "$work/apt" 'deb trixie' || { tail -n 5 "$work/apt/log" >&2; die 'cannot fetch the package lists of Debian 13'; }
	mapfile -t packages < <(apt_in "$work/apt" apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances bpftrace pwru | grep '^[a-z]' | sort -u)
	quietly apt_in "$work/apt" apt-get download "${packages[@]}"
	for package in "$work"/apt/*.deb; do quietly as_owner dpkg -x "$package" "$work/root"; done
	as_owner rm -rf "$work/apt"
	as_owner mv -T "$work/root" "$peers"
	as_owner rm -rf "$work"
}
