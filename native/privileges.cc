/* SPDX-License-Identifier: GPL-2.0-only */
#include "privileges.h"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dirent.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Capabilities belong to threads, and libc has no call that changes them for all: each thread is sent a signal and
 * drops its own. (setuid from root to a user empties them in all threads; for root without sudo nothing does.)
 *
 * Node has a thread that blocks every signal it can, the one that waits for a debugger. So the signal is the one that
 * glibc keeps unblocked in every thread, for its own setuid(). glibc's sigaction() refuses it, the kernel's does not.
 */
static constexpr int SIGNAL = 33; /* SIGSETXID of glibc's internal-signals.h */
static constexpr size_t MASK_BYTES = 8;
static std::atomic<int> done, failed;

static void drop_mine(int)
{
	int saved = errno;
	__user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct none[2] = {};
	if (syscall(SYS_capset, &header, none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		failed = errno;
	done++;
	errno = saved;
}

std::string drop_capabilities()
{
	/* What rt_sigaction(2) takes on 64-bit machines: handler, flags, then glibc's restorer and mask, kept as they are. */
	unsigned long before[4] = {}, action[4];
	done = failed = 0;
	if (syscall(SYS_rt_sigaction, SIGNAL, nullptr, before, MASK_BYTES))
		return std::string("cannot give up root: ") + strerror(errno);
	if (!before[0])
		return "cannot give up root: this is not glibc";
	memcpy(action, before, sizeof action);
	action[0] = reinterpret_cast<unsigned long>(drop_mine);
	if (syscall(SYS_rt_sigaction, SIGNAL, action, nullptr, MASK_BYTES))
		return std::string("cannot give up root: ") + strerror(errno);
	pid_t self = getpid(), me = gettid();
	int sent = 0;
	if (DIR *tasks = opendir("/proc/self/task")) {
		while (dirent *entry = readdir(tasks)) {
			pid_t tid = atoi(entry->d_name);
			if (tid > 0 && tid != me && syscall(SYS_tgkill, self, tid, SIGNAL) == 0)
				sent++;
		}
		closedir(tasks);
	}
	drop_mine(0);
	/* A second is ample: the threads have nothing to do but to run the handler. */
	for (int i = 0; i < 10000 && done < sent + 1; i++) {
		timespec pause = {0, 100000};
		nanosleep(&pause, nullptr);
	}
	syscall(SYS_rt_sigaction, SIGNAL, before, nullptr, MASK_BYTES);
	if (failed)
		return std::string("cannot give up root: ") + strerror(failed);
	if (done < sent + 1)
		return "cannot give up root: a thread does not answer";
	return "";
}
