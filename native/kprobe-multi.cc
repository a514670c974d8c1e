/* SPDX-License-Identifier: GPL-2.0-only */
/* Backends kprobe-session and kprobe-multi: one program and one link, or two, for any number of functions. */
#include <bpf/bpf.h>
#include <cerrno>
#include <linux/bpf.h>

#include "backend.h"
#include "control.h"
#include "stack-shift.h"
#include "traceable.h"

/* In Debian 12's own headers neither has a name. */
static const int KPROBE_MULTI = 42;   /* BPF_TRACE_KPROBE_MULTI, since 5.18 */
static const int KPROBE_SESSION = 56; /* BPF_TRACE_KPROBE_SESSION, since 6.10 */

static int link(int program, int attach_type, bool at_return, const std::vector<Target *> &targets, size_t first, size_t count)
{
	std::vector<const char *> names;
	std::vector<__u64> cookies;
	for (size_t i = first; i < first + count; i++) {
		names.push_back(targets[i]->name.c_str());
		cookies.push_back(targets[i]->fn);
	}
	LIBBPF_OPTS(bpf_link_create_opts, options);
	options.kprobe_multi.syms = names.data();
	options.kprobe_multi.cookies = cookies.data();
	options.kprobe_multi.cnt = count;
	options.kprobe_multi.flags = at_return ? BPF_F_KPROBE_MULTI_RETURN : 0;
	return bpf_link_create(program, 0, static_cast<bpf_attach_type>(attach_type), &options);
}

namespace {
/* The programs of one backend: one for both ends of a call, or one for each. */
struct Pair {
	int attach_type;
	Fd both, begin, end;

	/* Negative errno, or 0 with the links in `out`. The end first: see fentry.cc. */
	int attach(const std::vector<Target *> &targets, size_t first, size_t count, std::vector<Fd> *out) const
	{
		if (both.ok()) {
			Fd one(link(both.get(), attach_type, false, targets, first, count));
			int error = one.ok() ? 0 : one.get();
			if (!error)
				out->push_back(std::move(one));
			return error;
		}
		Fd last(link(end.get(), attach_type, true, targets, first, count));
		if (!last.ok())
			return last.get();
		Fd one(link(begin.get(), attach_type, false, targets, first, count));
		if (!one.ok())
			return one.get();
		out->push_back(std::move(last));
		out->push_back(std::move(one));
		return 0;
	}
};
} // namespace

/* One refused function makes the kernel refuse all: halves are tried until the refused ones stand alone. */
static void attach_range(const Pair &pair, const std::vector<Target *> &targets, size_t first, size_t count, Attached *out)
{
	int error = pair.attach(targets, first, count, &out->links);
	if (!error) {
		for (size_t i = first; i < first + count; i++)
			targets[i]->error.clear();
	} else if (count == 1 || error == -EPERM || error == -ENOMEM) {
		for (size_t i = first; i < first + count; i++)
			targets[i]->error = "attach refused: " + (error == -ESRCH ? "it cannot be probed" : reason(error));
	} else {
		attach_range(pair, targets, first, count / 2, out);
		attach_range(pair, targets, first + count / 2, count - count / 2, out);
	}
}

static Fd load(const Kernel &kernel, const char *name, int attach_type, int shift)
{
	Fd fd;
	for (bool typed : {true, false}) {
		if (typed && !kernel.features.casts)
			continue;
		Program program = kernel.object.instructions(name);
		Patch patch = shared(typed);
		patch.set(PATCH_EXIT_SHIFT, shift);
		patch_in(patch, &program);
		fd = Fd(load_program(program, name, BPF_PROG_TYPE_KPROBE, attach_type, 0, 0));
		if (fd.ok())
			break;
	}
	return fd;
}

static std::string prepare(const Kernel &kernel, bool session, Pair *pair)
{
	int shift = 0;
	pair->attach_type = session ? KPROBE_SESSION : KPROBE_MULTI;
	Target tried;
	tried.name = TRIED_FUNCTION;
	std::vector<Target *> one = {&tried};
	std::string error = measure_stack_shift(pair->attach_type, [&](int program, std::vector<Fd> *links) -> std::string {
		for (bool at_return : {true, false}) {
			if (session && at_return)
				continue;
			Fd fd(link(program, pair->attach_type, at_return, one, 0, 1));
			if (!fd.ok())
				return "attach refused: " + reason(fd.get());
			links->push_back(std::move(fd));
		}
		return "";
	}, &shift);
	if (!error.empty())
		return error;
	const Fd *failed = nullptr;
	if (session) {
		pair->both = load(kernel, "pkttop_session", pair->attach_type, shift);
		failed = pair->both.ok() ? nullptr : &pair->both;
	} else {
		pair->end = load(kernel, "pkttop_multiret", pair->attach_type, shift);
		pair->begin = load(kernel, "pkttop_multi", pair->attach_type, shift);
		failed = !pair->end.ok() ? &pair->end : !pair->begin.ok() ? &pair->begin : nullptr;
	}
	return failed ? "program refused: " + reason(failed->get()) : "";
}

static void attach(const Kernel &kernel, bool session, const std::vector<Target *> &targets, Attached *out)
{
	Pair pair;
	std::string error = prepare(kernel, session, &pair);
	for (Target *target : targets) {
		target->error = error;
		place place = place_of(*target);
		bpf_map_update_elem(kernel.object.map("places"), &target->fn, &place, BPF_ANY);
	}
	if (!error.empty())
		return;
	size_t links = out->links.size();
	if (pair.attach(targets, 0, targets.size(), &out->links)) {
		std::vector<Target *> likely = traceable(targets, "attach refused: the kernel does not let it be probed");
		if (!likely.empty())
			attach_range(pair, likely, 0, likely.size(), out);
	}
	if (out->links.size() == links)
		return;
	for (Fd *fd : {&pair.both, &pair.end, &pair.begin})
		if (fd->ok())
			out->programs.push_back(std::move(*fd));
}

void kprobe_session::attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	::attach(kernel, true, targets, out);
}

void kprobe_multi::attach(const Kernel &kernel, const std::vector<Target *> &targets, Attached *out)
{
	::attach(kernel, false, targets, out);
}
