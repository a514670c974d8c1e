# The Debian kernels that VMs boot: fetched as packages, unpacked into the cache, never installed. Needs common.sh,
# debian.sh.

# The first is the default. Tests run two at a time, in this order: those that take longest come first.
kernels=(6.12 7.2 6.1 5.10)

# suites KERNEL: where Debian has it; one try a line, each with the suites of that try.
suites() {
	case $1 in
		6.12) printf '%s\n' 'bookworm-backports' 'trixie trixie-security' ;;
		6.1) printf '%s\n' 'bookworm bookworm-security' ;;
		5.10) printf '%s\n' 'bullseye bullseye-security' 'bullseye' ;;
		7.2) printf '%s\n' 'sid' ;;
	esac
}

# need_kernel KERNEL: sets kernel_dir, which has vmlinux, initramfs and lib/modules/RELEASE.
need_kernel() {
	[[ " ${kernels[*]} " = *" $1 "* ]] || { say "no such kernel: $1 (there are ${kernels[*]})"; exit 2; }
	kernel_dir=$cache/kernel-$1
	[ -e "$kernel_dir/vmlinux" ] || fetch_kernel "$1"
	if stale "$kernel_dir/initramfs" "$project"/scripts/qemu/{make-initramfs,init,session}; then
		quietly as_owner "$project/scripts/qemu/make-initramfs" "$kernel_dir"
	fi
}

fetch_kernel() {
	local kernel=$1 work=$kernel_dir.new tried package entries parts part release image
	say "fetching Debian's kernel $kernel, about 100 MB, once, into $kernel_dir"
	as_owner rm -rf "$work"
	while read -r tried; do
		as_owner rm -rf "$work/apt"
		mapfile -t entries < <(printf 'deb %s\n' $tried)
		private_apt "$work/apt" "${entries[@]}" || continue
		package=$(apt_in "$work/apt" apt-cache depends linux-image-amd64 |
			sed -n "s/.*Depends: \(linux-image-$kernel\..*\)/\1/p")
		[ -n "$package" ] || continue
		# Later kernels have their files in packages of their own, which the image depends on.
		mapfile -t parts < <(apt_in "$work/apt" apt-cache depends "$package" |
			sed -n "s/.*Depends: \(linux-\(base\|binary\|modules\)-$kernel\..*\)/\1/p")
		quietly apt_in "$work/apt" apt-get download "$package" "${parts[@]}"
		for part in "$work"/apt/linux-*.deb; do quietly as_owner dpkg -x "$part" "$work/package"; done
		break
	done < <(suites "$kernel")
	if [ ! -d "$work/package" ]; then
		tail -n 5 "$work/apt/log" >&2
		die "Debian's mirror has no kernel $kernel: $(suites "$kernel" | tr '\n' ' ')"
	fi
	release=${package#linux-image-}
	[ ! -d "$work/package/usr/lib/modules" ] || as_owner mv "$work/package/usr/lib" "$work/package/lib"
	image=$work/package/boot/vmlinuz-$release
	[ -e "$image" ] || image=$work/package/lib/modules/$release/vmlinuz
	PATH=$PATH:/usr/sbin:/sbin quietly as_owner depmod -b "$work/package" "$release"
	quietly as_owner "$project/scripts/qemu/unpack-vmlinuz" "$image" "$work/vmlinux"
	as_owner mv "$work/package/lib" "$work/lib"
	as_owner rm -rf "$work/apt" "$work/package"
	as_owner mv -T "$work" "$kernel_dir"
}
