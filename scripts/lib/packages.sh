# The Debian packages that building, VMs and tests need, each with what shows that it is there. Needs common.sh.

# package=command or absolute file
build_packages=(clang=clang libelf-dev=/usr/include/libelf.h zlib1g-dev=/usr/include/zlib.h make=make g++=g++
	python3=python3)
# kmod: module dependencies of a kernel
vm_packages=(qemu-system-x86=qemu-system-x86_64 busybox-static=/bin/busybox cpio=cpio xz-utils=xz zstd=zstd kmod=depmod)
# tmux: a terminal to drive; ip: network namespaces; bpftool: the kernel's own list of programs, as a witness;
# bpftrace: another tracer at the same functions; tcpdump: another capture of the same packets
test_packages=(tmux=tmux iproute2=ip bpftool=bpftool bpftrace=bpftrace tcpdump=tcpdump nftables=nft)

# need_packages WHY PACKAGE=PROBE…: installs those whose probe fails.
need_packages() {
	local why=$1 entry missing=()
	shift
	for entry; do
		PATH=$PATH:/usr/sbin:/sbin have "${entry#*=}" || missing+=("${entry%%=*}")
	done
	[ ${#missing[@]} = 0 ] || install_packages "$why" "${missing[@]}"
}

have() {
	case $1 in
		/*) [ -e "$1" ] ;;
		*) command -v "$1" >/dev/null ;;
	esac
}

install_packages() {
	local why=$1 apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install)
	shift
	command -v apt-get >/dev/null || die "missing here ($why): $*; there is no apt to install them with"
	if [ "$EUID" = 0 ]; then
		say "installing Debian packages ($why): $*"
	elif command -v sudo >/dev/null; then
		say "sudo may ask for your password now, to install Debian packages ($why): $*"
		sudo -v || die "missing here ($why): $*; install them as root: apt-get install $*"
	else
		die "missing here ($why), and neither root nor sudo to install them: apt-get install $*"
	fi
	# The package lists of a fresh machine are missing or old: then the first try fails.
	if ! as_root "${apt[@]}" "$@" >/dev/null 2>&1 </dev/null; then
		quietly as_root apt-get -q update
		quietly as_root "${apt[@]}" "$@"
	fi
}
