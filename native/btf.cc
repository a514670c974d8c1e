/* SPDX-License-Identifier: GPL-2.0-only */
#include "btf.h"

#include <bpf/btf.h>
#include <cerrno>
#include <cstring>

static const char TRACE_PREFIX[] = "btf_trace_";

KernelTypes::~KernelTypes()
{
	btf__free(btf_);
}

std::string KernelTypes::open()
{
	btf_ = btf__load_vmlinux_btf();
	if (!btf_)
		return std::string("the kernel has no BTF (/sys/kernel/btf/vmlinux): ") + strerror(errno);
	/* One walk over all types: btf__find_by_name is a walk for each name. */
	uint32_t n = btf__type_cnt(btf_);
	for (uint32_t id = 1; id < n; id++) {
		const btf_type *t = btf__type_by_id(btf_, id);
		const char *name = btf__name_by_offset(btf_, t->name_off);
		if (btf_is_func(t))
			functions_.emplace(name, id);
		else if (btf_is_typedef(t) && !strncmp(name, TRACE_PREFIX, sizeof(TRACE_PREFIX) - 1))
			tracepoints_.emplace(name + sizeof(TRACE_PREFIX) - 1, id);
		else if ((btf_is_enum(t) || btf_is_enum64(t)) && *name)
			enums_.emplace(name, id);
	}
	return "";
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
		const btf_type *inner = *name ? nullptr : strip(m[i].type);
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

const btf_type *KernelTypes::strip(uint32_t id) const
{
	const btf_type *t = btf__type_by_id(btf_, id);
	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf_, t->type);
	return t;
}

void KernelTypes::arguments(const btf_type *proto, int skip, Layout *out) const
{
	const btf_param *p = btf_params(proto);
	int word = 0;
	for (int i = skip; i < btf_vlen(proto); i++) {
		const btf_type *t = strip(p[i].type);
		const char *name = btf__name_by_offset(btf_, p[i].name_off);
		int at = word * 8;
		/* A structure passed by value takes as many words as it is long. */
		word += t && btf_is_composite(t) ? (t->size + 7) / 8 : 1;
		auto first = [&](int slot) {
			if (out->offset[slot] < 0)
				out->offset[slot] = at;
		};
		if (!strcmp(name, "reason"))
			first(PATCH_REASON);
		if (!strcmp(name, "location"))
			first(PATCH_LOCATION);
		if (!t || !btf_is_ptr(t))
			continue;
		const btf_type *to = strip(t->type);
		if (!to || !btf_is_composite(to))
			continue;
		std::string type = btf__name_by_offset(btf_, to->name_off);
		if (type == "sk_buff")
			first(PATCH_SKB);
		else if (type == "sock")
			first(PATCH_SK);
		else if (type == "socket")
			first(PATCH_SOCKET), out->last_socket = at;
		else if (type == "msghdr")
			first(PATCH_MSG);
		else if (type == "sockaddr" || type == "sockaddr_unsized")
			first(PATCH_ADDRESS);
	}
	out->bare = out->offset[PATCH_SKB] < 0 && out->offset[PATCH_SK] < 0 && out->offset[PATCH_SOCKET] < 0;
	const btf_type *ret = proto->type ? strip(proto->type) : nullptr;
	out->returns_number = ret && (btf_is_int(ret) || btf_is_any_enum(ret));
	if (out->returns_number)
		out->offset[PATCH_RETURN] = word * 8;
}

bool KernelTypes::function(const std::string &name, Layout *out) const
{
	if (!btf_)
		return false;
	auto found = functions_.find(name);
	if (found == functions_.end())
		return false;
	out->btf_id = found->second;
	const btf_type *f = btf__type_by_id(btf_, found->second);
	arguments(btf__type_by_id(btf_, f->type), 0, out);
	return true;
}

bool KernelTypes::tracepoint(const std::string &name, Layout *out) const
{
	auto found = tracepoints_.find(name);
	if (found == tracepoints_.end())
		return false;
	out->btf_id = found->second;
	/* typedef void (*btf_trace_NAME)(void *__data, ...) */
	const btf_type *t = strip(found->second);
	if (!t || !btf_is_ptr(t) || !(t = strip(t->type)) || !btf_is_func_proto(t))
		return false;
	arguments(t, 1, out);
	out->offset[PATCH_RETURN] = -1;
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
