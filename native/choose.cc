/* SPDX-License-Identifier: GPL-2.0-only */
#include "choose.h"

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "traceable.h"

const std::vector<Backend> BACKENDS = {
	{"fsession", "BPF_TRACE_FSESSION", true, false, fsession::attach},
	{"fentry", "BPF_TRACE_FENTRY", true, true, fentry::attach},
	{"kprobe-session", "BPF_TRACE_KPROBE_SESSION", false, false, kprobe_session::attach},
	{"kprobe-multi", "BPF_TRACE_KPROBE_MULTI", false, false, kprobe_multi::attach},
	{"kprobe", "", false, true, kprobe::attach},
};

static const char NOT_HERE[] = "not in this kernel";

namespace {
/* One wanted function on its way through its names. */
struct Search {
	const Wanted *wanted;
	size_t next = 0; /* of its names */
	bool done = false;
	Outcome outcome;
};
} // namespace

/* The arguments of a function that BTF does not have, as the catalogue writes them. */
static Layout hidden_layout(const std::string &arguments)
{
	Layout layout;
	std::istringstream in(arguments);
	for (std::string name; in >> name; layout.words++) {
		if (name == "skb" || name == "**skb") {
			layout.word[PATCH_SKB] = layout.words;
			layout.indirect = name != "skb";
		} else if (name == "sk") {
			layout.word[PATCH_SK] = layout.words;
		}
	}
	return layout;
}

/* The next name that this kernel has and nobody has taken. False: there is none. */
static bool advance(const Kernel &kernel, const std::set<std::string> &taken, Search *search, Target *target)
{
	while (search->next < search->wanted->names.size()) {
		const std::string &name = search->wanted->names[search->next++];
		target->layout = Layout();
		if (!kernel.types.function(name, &target->layout)) {
			if (name.find('.') == std::string::npos || search->wanted->hidden.empty())
				continue;
			target->layout = hidden_layout(search->wanted->hidden);
		}
		if (taken.count(name)) {
			search->outcome.error = "traced under another name";
			continue;
		}
		target->name = name;
		return true;
	}
	return false;
}

/* To try what the kernel has never heard of takes time, and its refusal would stand for that of a function. */
static bool knows(const std::map<int64_t, std::string> &attach_types, const std::string &name)
{
	for (const auto &[value, known] : attach_types)
		if (known == name)
			return true;
	return name.empty() || attach_types.empty();
}

static std::vector<const Backend *> in_order(const Kernel &kernel, const std::string &only, size_t functions)
{
	const std::map<int64_t, std::string> attach_types = kernel.types.enumeration("bpf_attach_type");
	std::vector<const Backend *> out;
	for (const Backend &backend : BACKENDS)
		if ((only == "auto" || only == backend.name) && knows(attach_types, backend.attach_type))
			out.push_back(&backend);
	if (functions > FEW)
		std::stable_sort(out.begin(), out.end(), [](auto *a, auto *b) { return a->slow < b->slow; });
	return out;
}

static void attach_round(const Kernel &kernel, const std::vector<const Backend *> &backends, std::vector<Target> *round,
			 std::vector<Search> *searches, Attached *out)
{
	std::vector<std::string> errors(round->size());
	if (round->size() > FEW) {
		/* Of many some are refused, and to find out which one by one takes longer than to ask for the list. */
		std::vector<Target *> all;
		for (Target &target : *round)
			all.push_back(&target);
		std::set<Target *> likely;
		for (Target *target : traceable(all, "the kernel does not let it be probed"))
			likely.insert(target);
		for (Target *target : all)
			if (!likely.count(target))
				(*searches)[target->fn].outcome.error = target->error;
		round->erase(std::remove_if(round->begin(), round->end(), [&](Target &target) { return !likely.count(&target); }),
			     round->end());
	}
	for (const Backend *backend : backends) {
		std::vector<Target *> open;
		for (Target &target : *round)
			if (!(*searches)[target.fn].done && (target.layout.btf_id || !backend->needs_btf))
				open.push_back(&target);
		if (open.empty())
			continue;
		backend->attach(kernel, open, out);
		for (Target *target : open) {
			std::string &error = errors[target - round->data()];
			Outcome &outcome = (*searches)[target->fn].outcome;
			if (error.empty()) /* that of the preferred backend says most */
				error = target->error;
			outcome = {target->name, target->layout.returns_number, backend->name, target->error.empty() ? "" : error};
			(*searches)[target->fn].done = target->error.empty();
		}
	}
}

std::vector<Outcome> attach_functions(const Kernel &kernel, const std::vector<Wanted> &functions, const std::string &backend,
				      Attached *out)
{
	std::vector<Search> searches;
	std::vector<const Backend *> backends = in_order(kernel, backend, functions.size());
	const char *why = backends.empty() ? "this kernel does not have it" : NOT_HERE;
	for (const Wanted &wanted : functions)
		searches.push_back({&wanted, backends.empty() ? wanted.names.size() : 0, false, {"", false, "", why}});
	/* Two rows may mean one function of this kernel: twice traced, its calls would look like calls in themselves. */
	std::set<std::string> taken;
	for (;;) {
		std::vector<Target> round;
		std::set<std::string> names = taken;
		for (size_t fn = 0; fn < searches.size(); fn++) {
			Target target;
			target.fn = fn;
			target.wanted = searches[fn].wanted;
			if (searches[fn].done || !advance(kernel, names, &searches[fn], &target))
				continue;
			names.insert(target.name);
			target.error = "no backend takes it";
			searches[fn].outcome = {target.name, false, "", target.error};
			round.push_back(target);
		}
		if (round.empty() || kernel.cancelled)
			break;
		attach_round(kernel, backends, &round, &searches, out);
		for (const Target &target : round)
			if (searches[target.fn].done)
				taken.insert(target.name);
	}
	std::vector<Outcome> outcomes;
	for (Search &search : searches)
		outcomes.push_back(search.outcome);
	return outcomes;
}
