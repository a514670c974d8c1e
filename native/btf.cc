/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <cerrno>
#include <cstring>
#include <fnmatch.h>
#include <set>

static const char TRACE_PREFIX[] = "btf_trace_";

/* Begin with struct sock_common, as struct sock does, and tell by their state that no more of it follows. */
static const std::set<std::string> SMALL_SOCKETS = {"request_sock", "inet_request_sock", "tcp_request_sock",
						    "inet_timewait_sock", "tcp_timewait_sock"};
/* Begin with struct sock. */
static const std::set<std::string> SOCKETS = {"sock", "inet_sock", "inet_connection_sock", "tcp_sock", "udp_sock", "raw_sock"};

KernelTypes::~KernelTypes()
{
	for (Module &module : modules_)
		if (module.types != btf_)
			btf__free(module.types);
	btf__free(btf_);
}

std::string KernelTypes::open()
{
	btf_ = btf__load_vmlinux_btf();
	if (!btf_)
		return std::string("the kernel has no BTF (/sys/kernel/btf/vmlinux): ") + strerror(errno);
	/* One walk over all types: btf__find_by_name is a walk for each name. */
	uint32_t n = btf__type_cnt(btf_);
	modules_.emplace_back();
	modules_[0].types = btf_;
	for (uint32_t id = 1; id < n; id++) {
		const btf_type *t = btf__type_by_id(btf_, id);
		const char *name = btf__name_by_offset(btf_, t->name_off);
		if (btf_is_func(t))
			modules_[0].functions.emplace(name, id);
		else if (btf_is_typedef(t) && !strncmp(name, TRACE_PREFIX, sizeof(TRACE_PREFIX) - 1))
			tracepoints_.emplace(name + sizeof(TRACE_PREFIX) - 1, id);
		else if ((btf_is_enum(t) || btf_is_enum64(t)) && *name)
			enums_.emplace(name, id);
	}
	return "";
}

/* Modules come and go: one that is gone when it is opened is passed over. Needs root, as reading any BTF by number does. */
void KernelTypes::open_modules()
{
	modules_open_ = true;
	for (uint32_t id = 0; !bpf_btf_get_next_id(id, &id);) {
		Module module;
		module.fd = Fd(bpf_btf_get_fd_by_id(id));
		if (!module.fd.ok())
			continue;
		char name[64] = {};
		bpf_btf_info info = {};
		info.name = reinterpret_cast<uintptr_t>(name);
		info.name_len = sizeof name;
		__u32 size = sizeof info;
		if (bpf_btf_get_info_by_fd(module.fd.get(), &info, &size) || !info.kernel_btf || !strcmp(name, "vmlinux"))
			continue;
		module.name = name;
		module.types = btf__load_from_kernel_by_id_split(id, btf_);
		if (!module.types)
			continue;
		uint32_t n = btf__type_cnt(module.types);
		for (uint32_t type = btf__type_cnt(btf_); type < n; type++) {
			const btf_type *t = btf__type_by_id(module.types, type);
			if (btf_is_func(t))
				module.functions.emplace(btf__name_by_offset(module.types, t->name_off), type);
		}
		modules_.push_back(std::move(module));
	}
}

int KernelTypes::module_fd(const std::string &name)
{
	for (Module &module : modules_)
		if (module.name == name)
			return module.fd.get();
	return -ENOENT;
}

/* Byte offset of a member, also of one in an unnamed structure inside; -1: there is none. */
int KernelTypes::offset(const btf_type *structure, const char *member) const
{
	const btf_member *m = btf_members(structure);
	for (int i = 0; i < btf_vlen(structure); i++) {
		int at = btf_member_bit_offset(structure, i) / 8;
		const char *name = btf__name_by_offset(btf_, m[i].name_off);
		if (!strcmp(name, member))
			return at;
		const btf_type *inner = *name ? nullptr : strip(btf_, m[i].type);
		int inside = inner && btf_is_composite(inner) ? offset(inner, member) : -1;
		if (inside >= 0)
			return at + inside;
	}
	return -1;
}

std::string KernelTypes::unexpected() const
{
	static const struct {
		const char *structure, *member;
		int behind; /* bytes behind the first member named of that structure */
	} EXPECTED[] = {
		{"sk_buff", "protocol", 0},         {"sk_buff", "network_header", 4}, {"sock_common", "skc_daddr", 0},
		{"sock_common", "skc_rcv_saddr", 4}, {"sock_common", "skc_dport", 12}, {"sock_common", "skc_num", 14},
		{"sock_common", "skc_family", 16},   {"sock_common", "skc_state", 18},
	};
	std::string structure;
	int first = 0;
	for (const auto &e : EXPECTED) {
		int id = btf__find_by_name_kind(btf_, e.structure, BTF_KIND_STRUCT);
		int at = id > 0 ? offset(btf__type_by_id(btf_, id), e.member) : -1;
		if (structure != e.structure)
			first = at;
		structure = e.structure;
		if (at < 0 || at - first != e.behind)
			return "struct " + structure + " of this kernel is laid out in a way that pkttop does not know";
	}
	return "";
}

const btf_type *KernelTypes::strip(const btf *types, uint32_t id)
{
	const btf_type *t = btf__type_by_id(types, id);
	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(types, t->type);
	return t;
}

void KernelTypes::arguments(const btf *types, const btf_type *proto, int skip, Layout *out) const
{
	const btf_param *p = btf_params(proto);
	int word = 0, small = -1, indirect = -1;
	for (int i = skip; i < btf_vlen(proto); i++) {
		const btf_type *t = strip(types, p[i].type);
		const char *name = btf__name_by_offset(types, p[i].name_off);
		int at = word;
		/* A structure passed by value takes as many words as it is long. */
		bool by_value = t && btf_is_composite(t);
		word += by_value ? (t->size + 7) / 8 : 1;
		out->plain &= !by_value && word <= 6;
		auto first = [&](int slot) {
			if (!out->has(slot))
				out->word[slot] = at;
		};
		if (!strcmp(name, "reason"))
			first(PATCH_REASON);
		if (!strcmp(name, "location"))
			first(PATCH_LOCATION);
		if (!strcmp(name, "newstate"))
			first(PATCH_NEW_STATE);
		if (!strcmp(name, "cpu"))
			first(PATCH_QUEUE);
		if (!t || !btf_is_ptr(t))
			continue;
		const btf_type *to = strip(types, t->type), *behind = to && btf_is_ptr(to) ? strip(types, to->type) : nullptr;
		out->plain &= !behind;
		if (behind && btf_is_composite(behind) && !strcmp(btf__name_by_offset(types, behind->name_off), "sk_buff"))
			indirect = at;
		if (!to || !btf_is_composite(to))
			continue;
		std::string type = btf__name_by_offset(types, to->name_off);
		if (type == "sk_buff")
			first(PATCH_SKB);
		else if (SOCKETS.count(type))
			first(PATCH_SK);
		else if (type == "socket")
			first(PATCH_SOCKET), out->last_socket = at;
		else if (type == "msghdr")
			first(PATCH_MSG);
		else if (type == "sockaddr" || type == "sockaddr_unsized")
			first(PATCH_ADDRESS);
		else if (type == "flowi4")
			first(PATCH_FLOW4);
		else if (type == "flowi6")
			first(PATCH_FLOW6);
		else if (type == "Qdisc" || type == "neighbour")
			first(PATCH_QUEUE);
		else if (small < 0 && SMALL_SOCKETS.count(type))
			small = at;
	}
	if (!out->has(PATCH_SK) && !out->has(PATCH_SOCKET) && small >= 0) {
		out->word[PATCH_SK] = small;
		out->typed = false; /* struct sock is longer: the verifier would not have it read there */
	}
	if (!out->has(PATCH_SKB) && indirect >= 0) {
		out->word[PATCH_SKB] = indirect;
		out->indirect = true;
		out->typed = false;
	}
	out->bare = !out->has(PATCH_SKB) && !out->has(PATCH_SK) && !out->has(PATCH_SOCKET) && !out->has(PATCH_FLOW4) &&
		    !out->has(PATCH_FLOW6);
	out->words = word;
	const btf_type *ret = proto->type ? strip(types, proto->type) : nullptr;
	out->returns_number = ret && (btf_is_int(ret) || btf_is_any_enum(ret));
}

bool KernelTypes::function(const std::string &name, Layout *out)
{
	if (!btf_)
		return false;
	if (!modules_open_ && !modules_[0].functions.count(name))
		open_modules();
	for (const Module &module : modules_) {
		auto found = module.functions.find(name);
		if (found == module.functions.end())
			continue;
		out->btf_id = found->second;
		out->module = module.name;
		const btf_type *f = btf__type_by_id(module.types, found->second);
		arguments(module.types, btf__type_by_id(module.types, f->type), 0, out);
		return true;
	}
	return false;
}

std::vector<KernelFunction> KernelTypes::matching(const std::vector<std::string> &globs)
{
	std::vector<KernelFunction> list;
	if (!modules_open_)
		open_modules();
	for (const Module &module : modules_)
		for (const auto &[name, id] : module.functions) {
			if (!std::any_of(globs.begin(), globs.end(), [&name = name](const std::string &glob) { return !fnmatch(glob.c_str(), name.c_str(), 0); }))
				continue;
			Layout layout;
			arguments(module.types, btf__type_by_id(module.types, btf__type_by_id(module.types, id)->type), 0, &layout);
			list.push_back({name, module.name, layout.words, !layout.bare || layout.has(PATCH_MSG)});
		}
	return list;
}

bool KernelTypes::tracepoint(const std::string &name, Layout *out) const
{
	auto found = tracepoints_.find(name);
	if (found == tracepoints_.end())
		return false;
	out->btf_id = found->second;
	/* typedef void (*btf_trace_NAME)(void *__data, ...) */
	const btf_type *t = strip(btf_, found->second);
	if (!t || !btf_is_ptr(t) || !(t = strip(btf_, t->type)) || !btf_is_func_proto(t))
		return false;
	/* Its arguments often have no names there, but where the kernel calls those who listen: __traceiter_NAME(__data, ...). */
	auto caller = modules_[0].functions.find("__traceiter_" + name);
	if (caller != modules_[0].functions.end())
		t = btf__type_by_id(btf_, btf__type_by_id(btf_, caller->second)->type);
	arguments(btf_, t, 1, out);
	out->returns_number = false;
	return true;
}

std::map<int64_t, std::string> KernelTypes::enumeration(const std::string &name) const
{
	std::map<int64_t, std::string> values;
	auto found = enums_.find(name);
	if (found == enums_.end())
		return values;
	const btf_type *t = btf__type_by_id(btf_, found->second);
	if (btf_is_enum(t))
		for (int i = 0; i < btf_vlen(t); i++)
			values[btf_enum(t)[i].val] = btf__name_by_offset(btf_, btf_enum(t)[i].name_off);
	return values;
}
