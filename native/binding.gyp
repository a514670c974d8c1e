{
	"variables": {"libbpf_dir%": "/usr"},
	"targets": [
		{
			"target_name": "pkttop",
			"sources": [
				"addon.cc",
				"btf.cc",
				"choose.cc",
				"collector.cc",
				"features.cc",
				"fentry.cc",
				"fsession.cc",
				"kprobe-multi.cc",
				"kprobe.cc",
				"netns.cc",
				"object.cc",
				"patch.cc",
				"privileges.cc",
				"ring.cc",
				"shared.cc",
				"stack-shift.cc",
				"terminal.cc",
				"traceable.cc",
				"tracepoint.cc",
			],
			"include_dirs": [
				"../node_modules/node-addon-api",
				"../bpf",
				"<(libbpf_dir)/include",
			],
			"defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS"],
			"cflags_cc!": ["-fno-rtti", "-std=gnu++20"],
			"cflags_cc": ["-std=c++17", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Wno-missing-field-initializers", "-fno-exceptions", "-fvisibility=hidden"],
			"ldflags": ["-Wl,--exclude-libs,ALL", "-static-libstdc++", "-static-libgcc"],
			"libraries": ["<(libbpf_dir)/lib/libbpf.a", "-lelf", "-lz"],
		}
	],
}
