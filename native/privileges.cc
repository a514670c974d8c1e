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
 */
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
	const int signal = SIGRTMAX - 1;
	struct sigaction action = {}, before;
	action.sa_handler = drop_mine;
	action.sa_flags = SA_RESTART;
	sigfillset(&action.sa_mask);
	done = failed = 0;
	if (sigaction(signal, &action, &before))
		return std::string("cannot give up root: ") + strerror(errno);
	pid_t self = getpid(), me = gettid();
	int sent = 0;
	if (DIR *tasks = opendir("/proc/self/task")) {
		while (dirent *entry = readdir(tasks)) {
			pid_t tid = atoi(entry->d_name);
			if (tid > 0 && tid != me && syscall(SYS_tgkill, self, tid, signal) == 0)
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
	sigaction(signal, &before, nullptr);
	if (failed)
		return std::string("cannot give up root: ") + strerror(failed);
	if (done < sent + 1)
		return "cannot give up root: a thread does not answer";
	return "";
}
