/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * flood N [FLOWS]: N UDP datagrams over loopback from so many sockets in turn (1), each sent and received before the next
 * one, six times over. Prints the CPU time in ns a datagram, of the fastest run and of all: CLOCK_PROCESS_CPUTIME_ID has the kernel's work for this process, probes and
 * softirqs on top of it included, and nothing of other processes.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>

#define PORT 20000

static long long cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ll + now.tv_nsec;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 20000, flows = argc > 2 ? atoi(argv[2]) : 1;
	int receiver = socket(AF_INET, SOCK_DGRAM, 0), *sender = calloc(flows, sizeof(int));
	struct rlimit files = {flows + 16, flows + 16};
	struct sockaddr_in to = {.sin_family = AF_INET};
	socklen_t size = sizeof(to);
	unsigned int turn = 0;
	char payload[64] = "pkttop";
	double best = 0, all = 0;

	if (flows > 1000 && setrlimit(RLIMIT_NOFILE, &files))
		err(1, "setrlimit");
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* Ports that the kernel chooses lie in its tables as chance will have it. */
	for (int i = 0; i < flows; i++) {
		to.sin_port = htons(PORT + 1 + i);
		if ((sender[i] = socket(AF_INET, SOCK_DGRAM, 0)) < 0 || bind(sender[i], (struct sockaddr *)&to, size))
			err(1, "sender");
	}
	to.sin_port = htons(PORT);
	if (bind(receiver, (struct sockaddr *)&to, size))
		err(1, "receiver");
	for (int round = 0; round < 6; round++) {
		long long began = cpu_ns();

		for (int i = 0; i < count; i++)
			if (sendto(sender[turn++ % flows], payload, sizeof(payload), 0, (struct sockaddr *)&to, size) < 0 ||
			    recv(receiver, payload, sizeof(payload), 0) < 0)
				err(1, "datagram");
		double each = (double)(cpu_ns() - began) / count;
		if (round == 0 || each < best)
			best = each;
		all += each / 6;
	}
	printf("%.1f %.1f\n", best, all);
	return 0;
}
