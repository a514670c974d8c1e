/** The traffic of the thesis's discussions, traced from where it stood: in the host that sends, receives and forwards. */
import {join} from 'node:path';
import {becomes, Namespace} from './net.js';
import {type Block, PASSAGES} from './passages.js';
import {run, type Trace, trace} from './pkttop.js';
import {blocksOf} from './structure.js';

export interface Walk {
	readonly result: Trace;
	readonly blocks: readonly Block[];
	/** The recorded session. */
	readonly session: string;
}

/**
 * A - R - B: R connects to B, fetches a megabyte and closes first, exchanges datagrams with B, and forwards those of A.
 * pkttop runs in R, so that hooks and handler are R's; functions are those of all three.
 */
export async function walk(folder: string): Promise<Walk> {
	const [a, r, b] = [new Namespace(), new Namespace(), new Namespace()];
	const session = join(folder, 'walk.ptt');
	try {
		a.connect(r, 'veth-a', 'veth-ra', [['10.30.151.1/24', '10.30.151.2/24']]);
		r.connect(b, 'veth-rb', 'veth-b', [['10.30.152.1/24', '10.30.152.2/24']]);
		a.ip('route', 'add', 'default', 'via', '10.30.151.2');
		b.ip('route', 'add', 'default', 'via', '10.30.152.1');
		r.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
		const closes = [
			await b.serve('serve-bulk', '10.30.152.2', 30151),
			await b.serve('serve-udp', '10.30.152.2', 30151),
		];
		const [client, far] = [await r.worker(), await a.worker()];
		// Neighbours are known from here on.
		await far.traffic('client-udp', '10.30.152.2', 30151, 1);
		const args = ['-g', 'thesis,default', '-w', session];
		const traffic = async () => {
			await client.traffic('client-bulk', '10.30.152.2', 30151, 1);
			await becomes(() => r.settled() && b.settled(), 'TCP does not come to rest');
			await client.traffic('client-udp', '10.30.152.2', 30151, 2);
			await far.traffic('client-udp', '10.30.152.2', 30151, 2);
		};
		const result = await trace(args, traffic, {netns: r.name});
		for (const close of closes) await close();
		await client.end();
		await far.end();
		return {result, blocks: blocksOf(result.lines), session};
	} finally {
		for (const host of [a, r, b]) host.remove();
	}
}

/** For each passage the shortest block that shows it, undefined where none does. */
export function passagesOf(blocks: readonly Block[]): Map<string, Block | undefined> {
	return new Map(
		PASSAGES.map((passage) => {
			const found = blocks.filter((block) => passage.in(block));
			return [passage.id, found.toSorted((one, other) => one.length - other.length)[0]];
		}),
	);
}

/** The lines of a block as the clean log has them, by its number. */
export async function logLines(session: string): Promise<Map<number, string[]>> {
	const [json, plain] = [await run(['-r', session, '--json']), await run(['-r', session, '--plain'])];
	const numbers = new Set<number>();
	for (const line of json.stdout.split('\n')) {
		const block = /"block":(\d+)/.exec(line)?.[1];
		if (block !== undefined) numbers.add(Number(block));
	}
	const lines = new Map<number, string[]>();
	const order = [...numbers];
	let open: string[] = [];
	for (const line of plain.stdout.split('\n')) {
		if (open.length === 0 && !/^\d+ \S+ \S+ \S+ \S+ B/.test(line)) continue;
		open.push(line);
		if (!line.startsWith('Time :') && !line.startsWith('# open:')) continue;
		lines.set(order[lines.size] ?? 0, open);
		open = [];
	}
	return lines;
}
