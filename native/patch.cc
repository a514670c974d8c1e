/* SPDX-License-Identifier: GPL-2.0-only */
#include "patch.h"

static void patch(Program *program, const Layout &layout, uint32_t fn, const Wanted &wanted)
{
	for (size_t i = 0; i < program->size(); i++) {
		bpf_insn &insn = (*program)[i];
		if (insn.code == (BPF_LD | BPF_DW | BPF_IMM)) { /* two slots, the second is no instruction */
			i++;
			continue;
		}
		int slot = insn.imm - PATCH_MARK;
		if (insn.code != (BPF_ALU64 | BPF_MOV | BPF_K) || slot < 0 || slot >= PATCH_SLOTS)
			continue;
		switch (slot) {
		case PATCH_FN:
			insn.imm = fn;
			break;
		case PATCH_FROM:
			insn.imm = wanted.from;
			break;
		case PATCH_LATE:
			insn.imm = wanted.late;
			break;
		case PATCH_BARE:
			insn.imm = layout.bare;
			break;
		default:
			if (layout.offset[slot] < 0)
				break;
			bpf_insn &load = (*program)[i + 1], &zero = (*program)[i + 2];
			load = {BPF_LDX | BPF_MEM | BPF_DW, load.dst_reg, load.src_reg, static_cast<__s16>(layout.offset[slot]), 0};
			zero = {BPF_JMP | BPF_JA, 0, 0, 0, 0}; /* removed by the verifier */
		}
	}
}

void patch_begin(Program *program, const Layout &layout, uint32_t fn, const Wanted &wanted)
{
	Layout begin = layout;
	begin.offset[PATCH_RETURN] = -1;
	if (wanted.late) /* of a receiving call msg_name is a place to write to, its bytes mean nothing yet */
		begin.offset[PATCH_MSG] = -1;
	patch(program, begin, fn, wanted);
}

void patch_end(Program *program, const Layout &layout, uint32_t fn, const Wanted &wanted)
{
	Layout end;
	end.bare = layout.bare;
	end.offset[PATCH_RETURN] = layout.offset[PATCH_RETURN];
	if (wanted.late) {
		end.offset[PATCH_SK] = layout.offset[PATCH_SK];
		end.offset[PATCH_SOCKET] = layout.last_socket;
		end.offset[PATCH_MSG] = layout.offset[PATCH_MSG];
	}
	patch(program, end, fn, wanted);
}
