/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Preloaded into pkttop: a kernel that is short of something. Of the calls that the addon makes while it loads and
 * attaches, PKTTOP_FAIL="ERRNO FROM TO KIND" lets those of one kind fail, from its FROM-th to its TO-th. Each call is
 * written to the file PKTTOP_FAIL_LOG as a line "KIND", with "! " in front of those that failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char ADDON[] = "pkttop.node";

static int error, from, to;
static char wanted[96];
static int seen; /* calls of that kind so far, whichever thread makes them */
static int list = -1;

__attribute__((constructor)) static void begin(void)
{
	const char *how = getenv("PKTTOP_FAIL"), *path = getenv("PKTTOP_FAIL_LOG");

	if (how && sscanf(how, "%d %d %d %95[^\n]", &error, &from, &to, wanted) != 4)
		abort();
	if (path)
		list = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
}

/* Node.js makes such calls as well: they are not what is tested. */
static int is_addon(void *caller)
{
	Dl_info info;
	size_t length;

	if (!dladdr(caller, &info) || !info.dli_fname)
		return 0;
	length = strlen(info.dli_fname);
	return length >= sizeof ADDON - 1 && !strcmp(info.dli_fname + length - (sizeof ADDON - 1), ADDON);
}

/* Counts the call and writes it down. True: it is to fail. */
static int fails(void *caller, const char *kind)
{
	char line[128];
	int fail = 0, length;

	if (!is_addon(caller))
		return 0;
	if (!strcmp(kind, wanted)) {
		int n = __atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST);
		fail = n >= from && n <= to;
	}
	length = snprintf(line, sizeof line, "%s%s\n", fail ? "! " : "", kind);
	if (list >= 0 && write(list, line, length) != length)
		abort();
	if (fail)
		errno = error;
	return fail;
}

#define FAILS(kind) fails(__builtin_return_address(0), kind)

static const char *const COMMANDS[] = {
	[BPF_MAP_CREATE] = "map create", [BPF_MAP_LOOKUP_ELEM] = "map look-up", [BPF_MAP_UPDATE_ELEM] = "map update",
	[BPF_MAP_DELETE_ELEM] = "map delete", [BPF_MAP_GET_NEXT_KEY] = "map next", [BPF_PROG_LOAD] = "program",
	[BPF_MAP_FREEZE] = "map freeze", [BPF_BTF_LOAD] = "btf load", [BPF_LINK_CREATE] = "link",
	[BPF_RAW_TRACEPOINT_OPEN] = "raw tracepoint", [BPF_OBJ_GET_INFO_BY_FD] = "info", [BPF_BTF_GET_NEXT_ID] = "btf next",
	[BPF_BTF_GET_FD_BY_ID] = "btf by id", [BPF_PROG_BIND_MAP] = "program bind map",
};

static void name_bpf(char *kind, size_t size, long command, const union bpf_attr *attr)
{
	const char *name = "";

	if (command == BPF_PROG_LOAD)
		name = attr->prog_name;
	if (command == BPF_MAP_CREATE)
		name = attr->map_name;
	if (command >= 0 && command < (long)(sizeof COMMANDS / sizeof *COMMANDS) && COMMANDS[command])
		snprintf(kind, size, "%s%s%.16s", COMMANDS[command], *name ? " " : "", name);
	else
		snprintf(kind, size, "bpf %ld", command);
}

long syscall(long number, ...)
{
	static long (*next)(long, ...);
	char kind[96];
	long a[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_bpf) {
		name_bpf(kind, sizeof kind, a[0], (const union bpf_attr *)a[1]);
		if (FAILS(kind))
			return -1;
	}
	if (number == SYS_perf_event_open && FAILS("perf event"))
		return -1;
	if (!next)
		next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static void *map(void *caller, void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
	static void *(*next)(void *, size_t, int, int, int, off64_t);

	if (fails(caller, "mmap"))
		return MAP_FAILED;
	if (!next)
		next = dlsym(RTLD_NEXT, "mmap64");
	return next(address, length, protection, flags, fd, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset)
{
	return map(__builtin_return_address(0), address, length, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int fd, off64_t offset)
{
	return map(__builtin_return_address(0), address, length, protection, flags, fd, offset);
}

int socket(int domain, int type, int protocol)
{
	static int (*next)(int, int, int);

	if (FAILS("socket"))
		return -1;
	if (!next)
		next = dlsym(RTLD_NEXT, "socket");
	return next(domain, type, protocol);
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
	static int (*next)(int, int, int, const void *, socklen_t);

	if (FAILS("socket option"))
		return -1;
	if (!next)
		next = dlsym(RTLD_NEXT, "setsockopt");
	return next(fd, level, name, value, length);
}

int bind(int fd, const struct sockaddr *address, socklen_t length)
{
	static int (*next)(int, const struct sockaddr *, socklen_t);

	if (FAILS("bind"))
		return -1;
	if (!next)
		next = dlsym(RTLD_NEXT, "bind");
	return next(fd, address, length);
}

/* Returns its error instead of setting errno. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
	static int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

	if (FAILS("thread"))
		return error;
	if (!next)
		next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, attributes, start, argument);
}

pid_t fork(void)
{
	static pid_t (*next)(void);

	if (FAILS("fork"))
		return -1;
	if (!next)
		next = dlsym(RTLD_NEXT, "fork");
	return next();
}
