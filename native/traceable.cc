/* SPDX-License-Identifier: GPL-2.0-only */
#include "traceable.h"

#include <fstream>
#include <unordered_set>

std::vector<Target *> traceable(const std::vector<Target *> &targets, const char *why)
{
	std::ifstream file;
	for (const char *path : {"/sys/kernel/tracing/available_filter_functions", "/sys/kernel/debug/tracing/available_filter_functions"}) {
		file.open(path);
		if (file.is_open())
			break;
	}
	std::unordered_set<std::string> wanted, listed;
	for (const Target *target : targets)
		wanted.insert(target->name);
	/* A line is a name, and for a module's function the module in brackets behind it. */
	for (std::string line; std::getline(file, line);) {
		std::string name = line.substr(0, line.find(' '));
		if (wanted.count(name))
			listed.insert(name);
	}
	if (listed.empty())
		return targets;
	std::vector<Target *> out;
	for (Target *target : targets) {
		if (listed.count(target->name))
			out.push_back(target);
		else
			target->error = why;
	}
	return out;
}
