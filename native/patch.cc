/* SPDX-License-Identifier: GPL-2.0-only */
#include "patch.h"

#include <bpf/bpf.h>
#include <cstdio>
#include <cstdlib>

#include "control.h"

/* Offsets in struct pt_regs of x86-64 (arch/x86/include/uapi/asm/ptrace.h): the six argument registers, the return value. */
static const int REGISTER[] = {112, 104, 96, 88, 72, 64};
static const int REGISTERS = sizeof REGISTER / sizeof *REGISTER;
static const int RETURN_REGISTER = 80;

void patch_in(const Patch &patch, Program *program)
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
		if (slot >= PATCH_ARGUMENTS) {
			insn.imm = patch.constant[slot - PATCH_ARGUMENTS];
		} else if (patch.offset[slot] >= 0) {
			bpf_insn &load = (*program)[i + 1], &zero = (*program)[i + 2];
			load = {BPF_LDX | BPF_MEM | BPF_DW, load.dst_reg, load.src_reg, static_cast<__s16>(patch.offset[slot]), 0};
			zero = {BPF_JMP | BPF_JA, 0, 0, 0, 0}; /* removed by the verifier */
		}
	}
}

/* Only a socket that is an argument of its own tells. */
static bool inside_of(const Target &target)
{
	return target.wanted->inside && target.layout.has(PATCH_SK);
}

static Patch constants_of(const Target &target, bool typed)
{
	Patch out;
	out.set(PATCH_FN, target.fn);
	out.set(PATCH_FROM, target.wanted->from);
	out.set(PATCH_LATE, target.wanted->late);
	out.set(PATCH_BARE, target.layout.bare);
	out.set(PATCH_INDIRECT, target.layout.indirect);
	out.set(PATCH_INSIDE, inside_of(target));
	out.set(PATCH_BYTES, target.wanted->bytes);
	out.set(PATCH_LENGTH, target.wanted->queue);
	out.set(PATCH_TYPED, typed);
	return out;
}

/* Of a receiving call msg_name is a place to write to: its bytes mean nothing at the begin. */
static bool at_begin(const Target &target, int slot)
{
	return !(slot == PATCH_MSG && target.wanted->late);
}

int quick_of(const Target &target)
{
	const Layout &layout = target.layout;
	bool skb = layout.has(PATCH_SKB), socket = layout.has(PATCH_SK) || layout.has(PATCH_SOCKET);
	if (skb && !layout.indirect && target.wanted->from == 0 && !target.wanted->late)
		return QUICK_SKB;
	bool other = layout.has(PATCH_ADDRESS) || layout.has(PATCH_FLOW4) || layout.has(PATCH_FLOW6);
	return !skb && socket && layout.typed && !other ? QUICK_SOCKET : QUICK_NONE;
}

const char *template_of(const Target &target, const char *packet, const char *socket, const char *other)
{
	int quick = quick_of(target);
	return quick == QUICK_SKB ? packet : quick == QUICK_SOCKET ? socket : other;
}

Patch trampoline_begin(const Target &target)
{
	Patch out = constants_of(target, target.layout.typed);
	for (int slot = 0; slot < PATCH_RETURN; slot++)
		if (at_begin(target, slot) && target.layout.has(slot))
			out.offset[slot] = target.layout.word[slot] * 8;
	for (int slot : {PATCH_REASON, PATCH_LOCATION, PATCH_NEW_STATE})
		if (target.layout.has(slot))
			out.offset[slot] = target.layout.word[slot] * 8;
	return out;
}

Patch trampoline_end(const Target &target)
{
	const Layout &layout = target.layout;
	Patch out = constants_of(target, layout.typed);
	if (layout.returns_number)
		out.offset[PATCH_RETURN] = layout.words * 8;
	if (inside_of(target))
		out.offset[PATCH_SK] = layout.word[PATCH_SK] * 8;
	if (!target.wanted->late)
		return out;
	for (int slot : {PATCH_SK, PATCH_MSG})
		if (layout.has(slot))
			out.offset[slot] = layout.word[slot] * 8;
	if (layout.last_socket >= 0)
		out.offset[PATCH_SOCKET] = layout.last_socket * 8;
	return out;
}

Patch trampoline_session(const Target &target)
{
	const Layout &layout = target.layout;
	Patch out = trampoline_begin(target);
	if (layout.returns_number)
		out.offset[PATCH_RETURN] = layout.words * 8;
	if (!target.wanted->late)
		return out;
	if (layout.last_socket >= 0)
		out.offset[PATCH_LAST_SOCKET] = layout.last_socket * 8;
	if (layout.has(PATCH_MSG))
		out.offset[PATCH_LAST_MSG] = layout.word[PATCH_MSG] * 8;
	return out;
}

static int in_register(int word)
{
	return word >= 0 && word < REGISTERS ? REGISTER[word] : -1;
}

Patch registers_begin(const Target &target, bool typed)
{
	const Layout &layout = target.layout;
	Patch out = constants_of(target, typed);
	for (int slot = 0; slot < PATCH_LAST_SOCKET; slot++)
		if (at_begin(target, slot))
			out.offset[slot] = in_register(layout.word[slot]);
	out.offset[PATCH_LAST_SOCKET] = in_register(layout.last_socket);
	out.offset[PATCH_LAST_MSG] = in_register(layout.word[PATCH_MSG]);
	return out;
}

Patch registers_end(const Target &target, bool typed)
{
	Patch out = constants_of(target, typed);
	if (target.layout.returns_number)
		out.offset[PATCH_RETURN] = RETURN_REGISTER;
	return out;
}

Patch shared(bool typed)
{
	Patch out;
	out.set(PATCH_TYPED, typed);
	return out;
}

place place_of(const Target &target)
{
	const Layout &layout = target.layout;
	place out = {};
	auto number = [](int word) { return static_cast<uint8_t>(word >= 0 && word < REGISTERS ? word + 1 : 0); };
	for (int slot = 0; slot < PATCH_LAST_SOCKET; slot++)
		if (at_begin(target, slot))
			out.argument[slot] = number(layout.word[slot]);
	out.last_socket = number(layout.last_socket);
	out.last_msg = number(layout.word[PATCH_MSG]);
	out.from = target.wanted->from;
	out.late = target.wanted->late;
	out.bare = layout.bare;
	out.returns = layout.returns_number;
	out.indirect = layout.indirect;
	out.quick = quick_of(target);
	out.inside = inside_of(target);
	out.bytes = target.wanted->bytes;
	out.queue = target.wanted->queue;
	return out;
}

int load_program(const Program &program, const std::string &name, int type, int attach_type, uint32_t btf_id, int module)
{
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = static_cast<bpf_attach_type>(attach_type),
		    .attach_btf_id = btf_id, .attach_btf_obj_fd = static_cast<__u32>(module));
	std::vector<char> log;
	if (getenv("PKTTOP_BPF_LOG")) { /* for maintainers */
		log.resize(getenv("PKTTOP_BPF_LOG")[0] == '2' ? 1 << 28 : 1 << 16);
		options.log_level = getenv("PKTTOP_BPF_LOG")[0] == '2' ? 2 : 4; /* the verifier's work in one line */
		options.log_buf = log.data();
		options.log_size = log.size();
	}
	int fd = bpf_prog_load(static_cast<bpf_prog_type>(type), name.c_str(), "GPL", program.data(), program.size(), &options);
	if (!log.empty())
		fprintf(stderr, "%s: %d %s\n", name.c_str(), fd, log.data());
	return fd;
}
