/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * blast udp|tcp SECONDS: datagrams of 64 bytes, or a stream, from one process to another over loopback, as fast as it goes.
 * Datagrams that the receiver is too slow for are dropped by its socket, as always. Prints how much was sent.
 */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char bytes[1 << 16];

static void receive(int listener, int stream)
{
	int s = stream ? accept(listener, NULL, NULL) : listener;

	if (s < 0)
		err(1, "accept");
	while (recv(s, bytes, sizeof(bytes), 0) > 0)
		;
	exit(0);
}

int main(int argc, char **argv)
{
	int stream = argc > 2 && !strcmp(argv[1], "tcp"), seconds = argc > 2 ? atoi(argv[2]) : 0;
	int type = stream ? SOCK_STREAM : SOCK_DGRAM, to = socket(AF_INET, type, 0), from = socket(AF_INET, type, 0);
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval silence = {.tv_sec = 2};
	socklen_t size = sizeof(at);
	unsigned long long sent = 0;
	pid_t receiver;

	if (seconds < 1 || seconds > 600)
		errx(2, "usage: blast udp|tcp SECONDS");
	if (bind(to, (struct sockaddr *)&at, size) || getsockname(to, (struct sockaddr *)&at, &size) ||
	    (stream && listen(to, 1)) || setsockopt(to, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof(silence)))
		err(1, "receiver");
	receiver = fork();
	if (!receiver)
		receive(to, stream);
	if (receiver < 0 || connect(from, (struct sockaddr *)&at, size))
		err(1, "sender");
	for (time_t until = time(NULL) + seconds; time(NULL) < until;) {
		for (int i = 0; i < 100; i++) {
			if (send(from, bytes, stream ? sizeof(bytes) : 64, 0) < 0)
				err(1, "send");
			sent++;
		}
	}
	close(from);
	waitpid(receiver, NULL, 0);
	printf("%llu\n", sent);
	return 0;
}
