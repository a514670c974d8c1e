// SPDX-License-Identifier: GPL-2.0-only
/* Programs that do nothing: what the kernel's trampoline costs alone. */
#include "kernel.h"
#include <bpf/bpf_helpers.h>

SEC("fentry/ip_rcv")
int empty_begin(void *ctx)
{
	return 0;
}

SEC("fexit/ip_rcv")
int empty_end(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
