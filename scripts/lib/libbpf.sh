# libbpf as a static library for the addon. Debian 12 has 1.1, which knows no netfilter links, so it is built from
# the source package of Debian 13. Needs common.sh, debian.sh.

libbpf_version=1.5.0
# LIBBPF_DIR: a libbpf of one's own: include/bpf/*.h and lib/libbpf.a, compiled with -fPIC.
libbpf=${LIBBPF_DIR:-$cache/libbpf-$libbpf_version}

need_libbpf() {
	[ ! -e "$libbpf/lib/libbpf.a" ] || return 0
	[ -z "${LIBBPF_DIR:-}" ] || die "LIBBPF_DIR=$LIBBPF_DIR has no lib/libbpf.a"
	command -v apt-get >/dev/null ||
		die 'no apt here to fetch libbpf with: set LIBBPF_DIR to a folder with lib/libbpf.a (1.5, -fPIC) and include/bpf/'
	say "building libbpf $libbpf_version from Debian's source package, once, in $libbpf"
	local work=$libbpf.new
	as_owner rm -rf "$work"
	as_owner mkdir -p "$work"
	if ! private_apt "$work/apt" 'deb-src trixie'; then
		tail -n 5 "$work/apt/log" >&2
		die "cannot fetch the package lists of Debian 13"
	fi
	quietly apt_in "$work/apt" apt-get source --download-only libbpf
	quietly as_owner tar -xf "$work/apt/libbpf_$libbpf_version.orig.tar.gz" -C "$work"
	quietly as_owner make -j"$(nproc)" -C "$work/libbpf-$libbpf_version/src" BUILD_STATIC_ONLY=1 CFLAGS='-O2 -g0 -fPIC' \
		OBJDIR="$work/obj" DESTDIR="$work" PREFIX= LIBDIR=/lib install install_uapi_headers
	as_owner rm -rf "$work/apt" "$work/obj" "$work/lib/pkgconfig" "$work/libbpf-$libbpf_version"
	as_owner mv -T "$work" "$libbpf"
}
