/* SPDX-License-Identifier: GPL-2.0-only */
#include "stack-shift.h"

#include <bpf/bpf.h>
#include <cstddef>
#include <linux/bpf.h>
#include <sys/syscall.h>

#include "object.h"
#include "shared.h"

const char *const TRIED_FUNCTION = "__x64_sys_sched_get_priority_max";

/* Another task may run the function, too: what two runs of ours agree on is taken. */
static const int RUNS = 8;
static const int STACK_POINTER = 152; /* offset in struct pt_regs of x86-64 */

/* Two words: the stack pointer of the last run of the program, and of the one before. */
static const int WORDS = 2;

std::string measure_stack_shift(int attach_type, const std::function<std::string(int, std::vector<Fd> *)> &attach, int *shift)
{
	LIBBPF_OPTS(bpf_map_create_opts, mappable, .map_flags = BPF_F_MMAPABLE);
	Fd map(bpf_map_create(BPF_MAP_TYPE_ARRAY, "pkttop_shift", sizeof(__u32), WORDS * 8, 1, &mappable));
	if (!map.ok())
		return "map refused: " + reason(map.get());
	Mapping mapping;
	std::string error = mapping.map(map.get(), WORDS * 8);
	if (!error.empty())
		return error;
	const bpf_insn program[] = {
		{BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_2, BPF_REG_1, STACK_POINTER, 0},
		{BPF_LD | BPF_IMM | BPF_DW, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, 0, map.get()},
		{0, 0, 0, 0, 0},
		{BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_3, BPF_REG_1, 0, 0},
		{BPF_STX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_3, 8, 0},
		{BPF_STX | BPF_MEM | BPF_DW, BPF_REG_1, BPF_REG_2, 0, 0},
		{BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0},
		{BPF_JMP | BPF_EXIT, 0, 0, 0, 0},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = static_cast<bpf_attach_type>(attach_type));
	Fd fd(bpf_prog_load(BPF_PROG_TYPE_KPROBE, "pkttop_shift", "GPL", program, sizeof program / sizeof *program, &options));
	if (!fd.ok())
		return "program refused: " + reason(fd.get());
	std::vector<Fd> links;
	error = attach(fd.get(), &links);
	if (!error.empty())
		return error;
	auto *seen = mapping.as<volatile uint64_t>();
	uint64_t before = 0;
	for (int run = 0; run < RUNS; run++) {
		syscall(SYS_sched_get_priority_max, 0);
		uint64_t now = seen[0] - seen[1];
		if (seen[0] && seen[1] && run > 0 && now == before && static_cast<int64_t>(now) == static_cast<int>(now)) {
			*shift = static_cast<int>(now);
			return "";
		}
		before = now;
	}
	return "it attaches and never fires";
}
