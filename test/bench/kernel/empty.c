/* SPDX-License-Identifier: GPL-2.0-only */
/* empty OBJECT FUNCTION…: attaches the empty programs to each function, says "ready" and holds them until its input ends. */
#include <bpf/libbpf.h>
#include <err.h>
#include <stdio.h>
#include <unistd.h>

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	(void)level, (void)format, (void)args;
	return 0;
}

int main(int argc, char **argv)
{
	char byte;

	libbpf_set_print(silent);
	for (int i = 2; i < argc; i++) {
		struct bpf_object *object = bpf_object__open_file(argv[1], NULL);
		struct bpf_program *program;

		if (!object)
			err(1, "%s", argv[1]);
		bpf_object__for_each_program(program, object)
			bpf_program__set_attach_target(program, 0, argv[i]);
		if (bpf_object__load(object))
			err(1, "%s", argv[i]);
		bpf_object__for_each_program(program, object)
			if (!bpf_program__attach(program))
				err(1, "%s", argv[i]);
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &byte, 1) > 0)
		;
	return 0;
}
