/* SPDX-License-Identifier: GPL-2.0-only */
#include "features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <sys/resource.h>

#include "btf.h"
#include "fd.h"

/* A socket filter that swaps a word of its stack. */
static bool has_swaps()
{
	const bpf_insn program[] = {
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 0},
		{BPF_STX | BPF_MEM | BPF_DW, BPF_REG_10, BPF_REG_0, -8, 0},
		{BPF_STX | BPF_ATOMIC | BPF_DW, BPF_REG_10, BPF_REG_1, -8, BPF_CMPXCHG},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	return Fd(bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, "pkttop_try", "GPL", program, sizeof program / sizeof *program, nullptr))
	    .ok();
}

Features find_features(KernelTypes &types)
{
	Features out;
	out.swaps = has_swaps();
	out.task_storage = libbpf_probe_bpf_map_type(BPF_MAP_TYPE_TASK_STORAGE, nullptr) == 1;
	out.netfilter = libbpf_probe_bpf_prog_type(BPF_PROG_TYPE_NETFILTER, nullptr) == 1;
	Layout none;
	out.casts = types.function("bpf_rdonly_cast", &none);
	return out;
}

static void raise(int resource)
{
	rlimit limit;
	if (getrlimit(static_cast<__rlimit_resource>(resource), &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(static_cast<__rlimit_resource>(resource), &limit);
}

void raise_limits()
{
	/* A function takes up to four descriptors: two programs, two links. Root may go beyond its own limit. */
	const rlimit files = {1 << 16, 1 << 16}, memory = {RLIM_INFINITY, RLIM_INFINITY};
	raise(RLIMIT_NOFILE);
	rlimit now;
	if (!getrlimit(RLIMIT_NOFILE, &now) && now.rlim_cur < files.rlim_cur)
		setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_MEMLOCK, &memory);
}
