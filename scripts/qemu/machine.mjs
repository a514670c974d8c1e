// How QEMU is started: the machine of the VM, and the files by which it learns what to do.

/** A string as one word of a POSIX shell. */
const quote = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/**
 * All that TCG can, but for what it is slow at and the kernel does well without: `rep movsb` byte by byte, a fifth level
 * of page tables, and the switch that guards user memory at each copy. Saves a fifth of the time.
 */
const CPU = 'max,-erms,-la57,-smap,-smep,-umip,-pku,-pks';

/** Environment that a command in the VM sees as on the host; all else is the VM's own. */
const PASSED = /^(HOME|TERM|COLORTERM|NO_COLOR|FORCE_COLOR|TZ|LANG|LC_\w+|CI|NODE_\w+|PKTTOP_\w+)$/;

/**
 * QEMU's arguments. File descriptors from 3 on are sockets of the streams.
 * @param {{kernelDir: string, job: string, out: string, smp: string, memory: string, icount: boolean,
 *   interactive: boolean}} vm kernelDir: vmlinux and initramfs; job: folder with `machine` and `command`; out: '' for
 *   none; memory in MB
 */
export function qemuArguments(vm) {
	const share = (tag, path, options) => [
		...['-fsdev', `local,id=${tag},path=${path.replaceAll(',', ',,')},security_model=none,multidevs=remap${options}`],
		...['-device', `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`],
	];
	const port = (fd, device) => [
		...['-chardev', `socket,id=fd${fd},fd=${fd}`],
		...['-device', `${device},chardev=fd${fd}`],
	];
	return [
		// Two CPUs in two threads of TCG (thread=multi) crash the guest when probes are attached under load.
		...['-accel', 'tcg,thread=single', '-cpu', CPU, '-smp', vm.smp, '-m', vm.memory],
		...(vm.icount ? ['-icount', 'shift=0,sleep=off'] : []),
		...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
		...['-kernel', `${vm.kernelDir}/vmlinux`, '-initrd', `${vm.kernelDir}/initramfs`],
		...['-append', 'console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable rdinit=/init'],
		...['-serial', `file:${vm.job}/console.log`],
		// The first virtio device: its ports are /dev/vport0p* in the VM.
		...['-device', 'virtio-serial-pci'],
		...share('root', '/', ',readonly=on'),
		...share('job', vm.job, ',readonly=on'),
		...(vm.out === '' ? [] : share('out', vm.out, '')),
		...(vm.interactive
			? [...port(3, 'virtconsole,nr=0'), ...port(4, 'virtserialport,nr=2')]
			: [...port(3, 'virtserialport,nr=2'), ...port(4, 'virtserialport,nr=3'), ...port(5, 'virtserialport,nr=4')]),
	];
}

/** What scripts/qemu/init reads, shell assignments. */
export function machineFile({project, kernelDir, release, out, name}) {
	const lines = {project, kernel_modules: `${kernelDir}/lib/modules/${release}`, release, out, hostname: name};
	return Object.entries(lines)
		.map(([key, value]) => `${key}=${quote(value)}\n`)
		.join('');
}

/** What scripts/qemu/session reads: the command with its environment and the size of its terminal. */
export function commandFile({project, command, env, token, interactive, rows, columns}) {
	const exported = Object.entries(env).filter(([name]) => PASSED.test(name));
	return [
		`project=${quote(project)} token=${token} interactive=${interactive ? 1 : 0} rows=${rows} columns=${columns}`,
		'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin USER=root LOGNAME=root',
		...exported.map(([name, value]) => `export ${name}=${quote(value)}`),
		// env finds the host's programs; busybox's shell would prefer its own.
		`run() { exec /usr/bin/env ${command.map(quote).join(' ')}; }`,
		'',
	].join('\n');
}
