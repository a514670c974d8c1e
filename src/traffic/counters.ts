/** The kernel's counters for the network namespace of this process. */
import {readFileSync} from 'node:fs';
import {setTimeout as sleep} from 'node:timers/promises';

/** How often a counter is read, ms. */
const TICK = 5;

/** A counter by its name in SNMP: group and name in one, as nstat(8) prints them (`TcpRetransSegs`, `Icmp6InTimeExcds`). */
export function counter(name: string): number {
	const value = counters('/proc/self/net').get(name);
	if (value === undefined) throw new Error(`this kernel does not count ${name}`);
	return value;
}

/** All counters by name. `folder` is the net folder of a process in /proc. */
export function counters(folder: string): Map<string, number> {
	const found = new Map<string, number>();
	// A line of titles, then one of values, both after `Group:`.
	const rows = ['snmp', 'netstat'].flatMap((file) => readFileSync(`${folder}/${file}`, 'utf8').trim().split('\n'));
	for (let i = 0; i + 1 < rows.length; i += 2) {
		const [group = '', ...titles] = (rows[i] ?? '').split(' ');
		const values = (rows[i + 1] ?? '').split(' ');
		for (const [k, title] of titles.entries()) found.set(`${group.slice(0, -1)}${title}`, Number(values[k + 1]));
	}
	for (const row of snmp6(folder)) {
		const [name = '', value] = row.split(/\s+/);
		found.set(name, Number(value));
	}
	return found;
}

/** A name and a value a line. None where IPv6 is off. */
function snmp6(folder: string): string[] {
	try {
		return readFileSync(`${folder}/snmp6`, 'utf8').trim().split('\n');
	} catch {
		return [];
	}
}

/** Does `action` and waits until what `read` reads is above what it was before. Throws when `signal` ends it. */
export async function grows(read: () => number, action: () => Promise<void>, signal: AbortSignal): Promise<void> {
	const before = read();
	await action();
	while (read() <= before) await sleep(TICK, undefined, {signal});
}
