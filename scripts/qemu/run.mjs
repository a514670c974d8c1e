// Boots a VM, runs a command in it and passes on its terminal or streams, its exit code and our signals. Arguments,
// which scripts/vm has checked: KERNEL KERNEL_DIR PROJECT OUT SMP MEMORY TIMEOUT ICOUNT COMMAND… Exit codes: the
// command's; 124 timeout; 125 the VM failed; 128+n on a signal.
import {spawn} from 'node:child_process';
import {randomUUID} from 'node:crypto';
import {mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {commandFile, machineFile, qemuArguments} from './machine.mjs';
import {relay} from './relay.mjs';

const {stdin, stdout, stderr} = process;
const [kernel, kernelDir, project, out, smp, memory, timeout, icount, ...command] = process.argv.slice(2);
const interactive = Boolean(stdin.isTTY && stdout.isTTY);
const token = randomUUID();
const job = mkdtempSync(join(tmpdir(), 'pkttop-vm-'));
const log = join(job, 'console.log');
const say = (text) => stderr.write(`pkttop: ${text}\n`);

const vm = {
	kernelDir,
	project,
	out,
	smp,
	memory,
	icount: icount === 'true',
	command,
	job,
	token,
	interactive,
	env: process.env,
	rows: stdout.rows ?? 24,
	columns: stdout.columns ?? 80,
	name: `pkttop-${kernel}`,
	release: readdirSync(join(kernelDir, 'lib/modules'))[0],
};
writeFileSync(join(job, 'machine'), machineFile(vm));
writeFileSync(join(job, 'command'), commandFile(vm));

// setpriv: whatever ends us, QEMU does not outlive us.
const qemu = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...qemuArguments(vm)], {
	stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
});
let complaints = '';
qemu.stderr?.on('data', (chunk) => {
	complaints += chunk;
});

let ended = false;
/** Ends the VM, then us, once. */
function end(code) {
	if (ended) return;
	ended = true;
	if (interactive) stdin.setRawMode(false);
	rmSync(job, {recursive: true, force: true});
	if (qemu.pid === undefined || qemu.exitCode !== null || qemu.signalCode !== null) process.exit(code);
	qemu.on('exit', () => process.exit(code));
	qemu.kill('SIGKILL');
}

/** The VM ended without the command's end: what its kernel last said tells why. */
function failed() {
	if (ended) return;
	let said = '';
	try {
		said = readFileSync(log, 'latin1').replaceAll(/[^\n\t -~]/g, '');
	} catch {}
	stderr.write(said.split('\n').slice(-60).join('\n'));
	stderr.write(complaints);
	say(`the VM with kernel ${kernel} ended before the command did`);
	end(125);
}

for (const [signal, number] of [
	['SIGHUP', 1],
	['SIGINT', 2],
	['SIGTERM', 15],
])
	process.on(signal, () => end(128 + number));
stdout.on('error', () => end(128 + 13));
qemu.on('error', (error) => {
	complaints += `${error.message}\n`;
	failed();
});
qemu.on('close', failed);
if (Number(timeout) > 0)
	setTimeout(() => {
		say(`the VM was ended after ${timeout} s (--timeout)`);
		end(124);
	}, Number(timeout) * 1000);

const [, , , first, second, third] = qemu.stdio;
for (const stream of [first, second, third]) stream?.on('error', () => {});
if (interactive) {
	stdin.setRawMode(true);
	stdin.pipe(first);
	stdout.on('resize', () => second.write(`${stdout.rows} ${stdout.columns}\n`));
	const code = await relay(first, stdout, token);
	if (code !== undefined) end(code);
} else {
	stdin.pipe(first);
	stdin.on('error', () => first.end());
	const [code] = await Promise.all([relay(second, stdout, token), relay(third, stderr, token)]);
	if (code !== undefined) end(code);
}
