/* SPDX-License-Identifier: GPL-2.0-only */
#include "terminal.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <termios.h>
#include <unistd.h>

namespace {

constexpr int SIGNALS[] = {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGFPE};

/* What the handler needs: set before it is installed, and never allocated. */
volatile sig_atomic_t guarded = -1;
termios modes;
bool has_modes;
uint8_t bytes[256];
size_t length;
struct sigaction before[sizeof SIGNALS / sizeof *SIGNALS];
alignas(16) uint8_t stack[64 * 1024]; /* the stack may be what is broken */

/* Nothing but functions that may be called anywhere: write(), tcsetattr(), sigaction(), raise(). */
void on_crash(int signal)
{
	int fd = guarded;
	if (fd >= 0) {
		guarded = -1;
		ssize_t n = write(fd, bytes, length);
		(void)n;
		if (has_modes)
			tcsetattr(fd, TCSANOW, &modes);
	}
	struct sigaction action = {};
	action.sa_handler = SIG_DFL;
	sigaction(signal, &action, nullptr);
	raise(signal);
}

void remove_guard()
{
	if (guarded < 0)
		return;
	guarded = -1;
	for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++)
		sigaction(SIGNALS[i], &before[i], nullptr);
}

} // namespace

std::string terminal::guard(int fd, const uint8_t *restore, size_t size)
{
	remove_guard();
	if (fd < 0)
		return "";
	if (size > sizeof bytes)
		return "too much to write";
	memcpy(bytes, restore, size);
	length = size;
	has_modes = tcgetattr(fd, &modes) == 0;

	stack_t alternate = {};
	alternate.ss_sp = stack;
	alternate.ss_size = sizeof stack;
	sigaltstack(&alternate, nullptr);
	struct sigaction action = {};
	action.sa_handler = on_crash;
	action.sa_flags = SA_ONSTACK | SA_NODEFER;
	guarded = fd;
	for (size_t i = 0; i < sizeof SIGNALS / sizeof *SIGNALS; i++)
		if (sigaction(SIGNALS[i], &action, &before[i]) != 0) {
			std::string error = strerror(errno);
			remove_guard();
			return error;
		}
	return "";
}
