/* SPDX-License-Identifier: GPL-2.0-only */
#include "object.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>

#include "control.h"

/* A 64 KiB ring: below that a burst between two looks of the reader does not fit. */
static constexpr uint32_t SLOTS_AT_LEAST = 1024;

/* Tasks that sleep in open calls at a time, where they cannot keep these themselves: about 4 KiB each. */
static constexpr uint32_t SLEEPERS = 2048;

static std::string words;

static int listen(enum libbpf_print_level level, const char *format, va_list args)
{
	char line[512];
	if (getenv("PKTTOP_BPF_LOG")) { /* for maintainers: libbpf's words and the verifier's, whole */
		va_list copy;
		va_copy(copy, args);
		vfprintf(stderr, format, copy);
		va_end(copy);
	}
	if (level != LIBBPF_WARN)
		return 0;
	vsnprintf(line, sizeof line, format, args);
	std::string text(line);
	for (const char *frame : {"BEGIN PROG LOAD LOG", "END PROG LOAD LOG", "failed to load"})
		if (text.find(frame) != std::string::npos)
			return 0;
	while (!text.empty() && text.back() == '\n')
		text.pop_back();
	if (!text.empty())
		words = text.substr(text.rfind('\n') + 1);
	return 0;
}

std::string last_words()
{
	return words;
}

std::string reason(int error)
{
	switch (error) {
	case -EPERM:
		return "not permitted";
	case -524: /* ENOTSUPP, which libc does not know */
		return "not supported by this kernel";
	default:
		return strerror(-error);
	}
}

Object::Object() : object_(nullptr, bpf_object__close)
{
	libbpf_set_print(listen);
}

Object::~Object() = default;

/* Slots of each CPU's ring, a power of two, so that all rings together take about `bytes`. */
static uint32_t slots_within(uint32_t bytes, int cpus)
{
	uint32_t n = 1;
	while (n * 2 * sizeof(slot) * cpus <= bytes)
		n *= 2;
	return std::max<uint32_t>(n, SLOTS_AT_LEAST);
}

/* The file in memory. Empty: it cannot be read. */
static std::vector<char> contents(const std::string &path)
{
	std::ifstream file(path, std::ios::binary);
	return std::vector<char>(std::istreambuf_iterator<char>(file), {});
}

/*
 * Before 5.12 the verifier refuses a compare-and-swap, an exchange and a sum that is fetched even where they are never
 * reached, so each becomes a jump to the next instruction. In the file, because libbpf does not hand out the functions that programs call.
 */
static void remove_swaps(std::vector<char> *elf)
{
	auto *header = reinterpret_cast<const Elf64_Ehdr *>(elf->data());
	if (elf->size() < sizeof *header || header->e_shoff + header->e_shnum * sizeof(Elf64_Shdr) > elf->size())
		return;
	auto *section = reinterpret_cast<const Elf64_Shdr *>(elf->data() + header->e_shoff);
	for (int i = 0; i < header->e_shnum; i++, section++) {
		if (!(section->sh_flags & SHF_EXECINSTR) || section->sh_offset + section->sh_size > elf->size())
			continue;
		auto *insn = reinterpret_cast<bpf_insn *>(elf->data() + section->sh_offset);
		for (size_t n = section->sh_size / sizeof *insn; n > 0; n--, insn++) {
			if (insn->code == (BPF_LD | BPF_DW | BPF_IMM)) /* two slots, the second is no instruction */
				insn++, n--;
			else if (BPF_CLASS(insn->code) == BPF_STX && BPF_MODE(insn->code) == BPF_ATOMIC && insn->imm & BPF_FETCH)
				*insn = {BPF_JMP | BPF_JA, 0, 0, 0, 0};
		}
	}
}

/*
 * The kernel may know a variable by its type and not by its address (without CONFIG_KALLSYMS_ALL), and refuses programs that
 * mention it. By another name it is one that no kernel has, which the programs can do without.
 */
static void hide(std::vector<char> *elf, const std::string &variable)
{
	const std::string name = '\0' + variable + '\0';
	for (auto at = elf->begin(); (at = std::search(at, elf->end(), name.begin(), name.end())) != elf->end(); at++)
		at[1] = '_';
}

std::string Object::load(const std::string &path, const Features &features, const Sizes &sizes)
{
	words.clear();
	std::vector<char> elf = contents(path);
	if (!features.swaps)
		remove_swaps(&elf);
	int error = 0;
	std::string why = load_once(path, elf, features, sizes, &error);
	if (error == -ENOENT) {
		words.clear();
		hide(&elf, "softnet_data");
		why = load_once(path, elf, features, sizes, &error);
	}
	return why;
}

std::string Object::load_once(const std::string &path, const std::vector<char> &elf, const Features &features, const Sizes &sizes,
			      int *error)
{
	*error = 0;
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "pkttop");
	object_.reset(bpf_object__open_mem(elf.data(), elf.size(), &options));
	if (!object_)
		return path + ": " + strerror(errno);
	cpus_ = libbpf_num_possible_cpus();
	auto entries = [&](const char *name, uint32_t n) {
		bpf_map__set_max_entries(bpf_object__find_map_by_name(object_.get(), name), n);
	};
	slots_ = slots_within(sizes.ring, cpus_);
	entries("ring", cpus_ * slots_);
	entries("stats", cpus_ * sizes.functions);
	entries("losses", cpus_);
	entries("places", sizes.functions);
	if (!features.task_storage) {
		bpf_map *sleeping = bpf_object__find_map_by_name(object_.get(), "sleeping");
		bpf_map__set_type(sleeping, BPF_MAP_TYPE_HASH);
		bpf_map__set_map_flags(sleeping, 0);
		bpf_map__set_max_entries(sleeping, SLEEPERS);
	}
	size_t size;
	auto *set = static_cast<constants *>(
	    bpf_map__initial_value(bpf_object__find_map_by_name(object_.get(), ".rodata.constants"), &size));
	if (!set || size != sizeof(constants))
		return path + ": not the object this addon was built for";
	set->functions = sizes.functions;
	set->slots = slots_;
	set->base = sizes.base;
	set->identity = sizes.identity;
	set->own_inside = sizes.taken_off.inside;
	set->own_outside = sizes.taken_off.total - sizes.taken_off.inside;
	set->swaps = features.swaps;
	set->task_storage = features.task_storage;
	*error = bpf_object__load(object_.get());
	/* Of a refusal libbpf only guesses the reason. */
	if (*error)
		return "the kernel refused the programs: " + reason(*error) + (words.empty() || *error == -EPERM ? "" : " (" + words + ")");
	return "";
}

Program Object::instructions(const std::string &name) const
{
	bpf_program *program = bpf_object__find_program_by_name(object_.get(), name.c_str());
	const bpf_insn *first = bpf_program__insns(program);
	return Program(first, first + bpf_program__insn_cnt(program));
}

int Object::map(const std::string &name) const
{
	return bpf_object__find_map_fd_by_name(object_.get(), name.c_str());
}
