/* SPDX-License-Identifier: GPL-2.0-only */
#include "collector.h"

#include <algorithm>
#include <bpf/bpf.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "choose.h"
#include "identity.h"

std::string Collector::start(const Options &options, std::vector<Outcome> *outcomes)
{
	std::string error = types_.open();
	if (!error.empty() || !(error = types_.unexpected()).empty())
		return error;
	raise_limits();
	functions_ = options.functions.size() + options.marks.size();
	if (functions_ == 0 || functions_ > MAX_FUNCTIONS)
		return "between 1 and " + std::to_string(MAX_FUNCTIONS) + " functions can be traced at a time";
	Features features = find_features(types_);
	own_cost_.why = options.backend == "tracepoint" ? "there are no functions here, only marks" : "not asked for";
	if (options.measure && options.backend != "tracepoint")
		own_cost_ = measure_own_cost(options, types_, features, cancelled_);
	if (options.correct && !own_cost_.why.empty())
		return "what probes cost cannot be measured: " + own_cost_.why;
	const Sizes sizes = {static_cast<uint32_t>(functions_), options.ring, options.base, options.identity,
			     options.correct ? own_cost_.cost : OwnCost()};
	if (!(error = object_.load(options.object, features, sizes)).empty())
		return error;
	if ((error = control_.map(object_.map(".data.control"), sizeof(control))) != "" ||
	    (error = stats_.map(object_.map("stats"), sizeof(histogram) * functions_ * object_.cpus())) != "" ||
	    (error = losses_.map(object_.map("losses"), sizeof(losses) * object_.cpus())) != "" ||
	    (error = devices_.map(object_.map("devices"), sizeof(device) * MAX_DEVICES)) != "")
		return error;
	if (!set_filter(options.filter.data(), options.filter.size()))
		return "the filter is no struct filter";
	memset(control_.as<control>()->on, 1, MAX_FUNCTIONS);
	const Kernel kernel = {object_, types_, features, cancelled_};
	if ((error = tracepoint::attach_context(kernel, &attached_)) != "")
		return error;
	if ((error = ring_.start(object_.map("ring"), object_.cpus(), object_.slots(), options.limit, options.base)) != "")
		return error;
	*outcomes = attach_functions(kernel, options.functions, options.backend, &attached_);
	for (const Wanted &wanted : options.marks)
		if (!cancelled_)
			outcomes->push_back(tracepoint::attach(kernel, wanted, outcomes->size(), &attached_));
	identity_ = options.identity ? attach_identity(kernel, &attached_) : "not asked for";
	if (cancelled_)
		return "cancelled";
	control_.as<control>()->identity = identity_.empty();
	/* Nothing is recorded before everything is attached. */
	set_enabled(true);
	return "";
}

bool Collector::set_filter(const uint8_t *bytes, size_t size)
{
	auto *c = control_.as<control>();
	if (size != sizeof(filter))
		return false;
	filter next;
	memcpy(&next, bytes, size);
	if (next.count > MAX_TESTS)
		return false;
	next.narrow = next.pid || next.netns || next.device[0];
	uint32_t idle = !(c->active & 1);
	memcpy(&c->filter[idle], &next, size);
	__atomic_store_n(&c->active, idle, __ATOMIC_SEQ_CST);
	return true;
}

void Collector::set_follow(bool on)
{
	__atomic_store_n(&control_.as<control>()->follow, on, __ATOMIC_SEQ_CST);
}

void Collector::set_enabled(bool on)
{
	__atomic_store_n(&control_.as<control>()->enabled, on, __ATOMIC_SEQ_CST);
}

bool Collector::set_switch(uint32_t fn, bool on)
{
	if (fn >= functions_)
		return false;
	control_.as<control>()->on[fn] = on;
	return true;
}

void Collector::read_stats(uint64_t *out) const
{
	constexpr size_t words = sizeof(histogram) / sizeof(uint64_t), max = offsetof(histogram, max) / sizeof(uint64_t);
	auto *in = stats_.as<uint64_t>();
	memset(out, 0, functions_ * sizeof(histogram));
	for (int cpu = 0; cpu < object_.cpus(); cpu++)
		for (size_t fn = 0; fn < functions_; fn++, in += words)
			for (size_t w = 0; w < words; w++) {
				uint64_t &sum = out[fn * words + w];
				sum = w == max ? std::max(sum, in[w]) : sum + in[w];
			}
}

void Collector::read_losses(uint64_t *out)
{
	auto *in = losses_.as<losses>();
	memset(out, 0, (1 + LOSS_CAUSES) * sizeof(uint64_t));
	out[0] = ring_.events();
	for (int cpu = 0; cpu < object_.cpus(); cpu++)
		for (int cause = 0; cause < LOSS_CAUSES; cause++)
			out[1 + cause] += in[cpu].lost[cause];
	out[1 + LOSS_RECURSION] += skipped_ + skipped();
}

uint64_t Collector::skipped() const
{
	uint64_t sum = 0;
	for (const Fd &program : attached_.programs) {
		bpf_prog_info info = {};
		__u32 size = sizeof info;
		if (!bpf_prog_get_info_by_fd(program.get(), &info, &size))
			sum += info.recursion_misses;
	}
	return sum;
}

void Collector::stop()
{
	if (control_.as<control>())
		set_enabled(false);
	ring_.stop();
	if (attached_.links.empty())
		return;
	skipped_ += skipped();
	/*
	 * The child holds the same descriptors and closes them when this process has closed its own, which the end of the
	 * pipe tells: whoever is last to close waits for the kernel. It touches nothing but system calls, since this
	 * process has more than one thread. All else it closes at once: nobody who waits for the end of our terminal or
	 * pipe, or unmounts where our files are, shall wait for the probes.
	 */
	std::vector<int> links;
	for (const Fd &link : attached_.links)
		links.push_back(link.get());
	std::sort(links.begin(), links.end());
	int ends[2];
	bool piped = !pipe2(ends, O_CLOEXEC);
	pid_t child = piped ? fork() : -1;
	if (child == 0) {
		char none;
		setsid();
		for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
			::signal(signal, SIG_IGN);
		dup2(ends[0], 0);
		unsigned next = 1;
		for (unsigned link : links) {
			if (link > next)
				syscall(SYS_close_range, next, link - 1, 0);
			next = link + 1;
		}
		syscall(SYS_close_range, next, ~0u, 0);
		while (read(0, &none, 1) < 0 && errno == EINTR)
			;
		syscall(SYS_close_range, 0, ~0u, 0);
		_exit(0);
	}
	attached_.links.clear();
	attached_.programs.clear();
	if (piped) {
		close(ends[0]);
		close(ends[1]);
	}
}

Collector::~Collector()
{
	stop();
}
