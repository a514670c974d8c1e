# Builds what is older than its sources: BPF objects, addon, JavaScript. Needs common.sh, libbpf.sh.

need_node() {
	command -v node >/dev/null || die 'Node.js 20.17 or newer is missing (Debian 12: from nodejs.org or NodeSource)'
	node=$(readlink -f "$(command -v node)")
	local version major minor
	version=$("$node" --version)
	IFS=. read -r major minor _ <<<"${version#v}"
	((major > 20 || major == 20 && minor >= 17)) || die "Node.js 20.17 or newer is needed, this is $version"
	# N-API programs need Node's headers; where they are installed beside node nothing is downloaded.
	node_headers=${node%/bin/*}
	[ -e "$node_headers/include/node/node_api.h" ] || node_headers=
}

need_node_modules() {
	local stamp=$project/node_modules/.pkttop-lock sum
	sum=$(sha256sum <"$project/package-lock.json")
	[ ! -e "$stamp" ] || [ "$(<"$stamp")" != "$sum" ] || return 0
	say 'installing node_modules (npm ci)'
	(cd "$project" && quietly as_owner npm ci --no-audit --no-fund)
	as_owner tee "$stamp" <<<"$sum" >/dev/null
}

build_bpf() {
	local source object
	for source in "$project"/bpf/*.bpf.c; do
		[ -e "$source" ] || return 0
		object=${source##*/}
		object=$project/bpf/build/${object%.c}.o
		if stale "$object" "$source" "$project"/bpf/*.h "$libbpf/lib/libbpf.a"; then
			say "compiling ${source#"$project"/}"
			as_owner mkdir -p "${object%/*}"
			quietly as_owner clang -g -O2 -Wall -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 \
				-I"$libbpf/include" -I"$project/bpf" -c "$source" -o "$object.new"
			as_owner mv "$object.new" "$object"
		fi
	done
}

build_addon() {
	local addon=$project/native/build/Release/pkttop.node
	[ -e "$project/native/binding.gyp" ] || return 0
	# The contract with the BPF programs is compiled in; a finished build leaves nothing but its own folder behind.
	stale "$addon" "$project"/native/{binding.gyp,*.cc,*.h} "$project"/bpf/*.h "$libbpf/lib/libbpf.a" || return 0
	say 'compiling the addon'
	(cd "$project/native" && quietly as_owner "$project/node_modules/.bin/node-gyp" configure build \
		--libbpf_dir="$libbpf" ${node_headers:+--nodedir="$node_headers"})
	as_owner touch "$addon"
}

build_javascript() {
	local stamp=$project/dist/.built
	# Without sources (a folder alone) there is nothing to compile; deleted ones must not live on in dist.
	[ -e "$project/src/main.ts" ] || return 0
	stale "$stamp" "$project/src" "$project/tsconfig.json" "$project/package-lock.json" || return 0
	say 'compiling the TypeScript'
	as_owner rm -rf "$project/dist"
	quietly as_owner "$project/node_modules/.bin/tsc" -p "$project"
	as_owner touch "$stamp"
}
