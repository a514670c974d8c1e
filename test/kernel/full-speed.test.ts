/**
 * As fast as the machine goes, datagrams and a stream at once, with the screen on: nothing is lost, and what is counted is
 * what the kernel counts. PKTTOP_FULL_SPEED is how long, in seconds; 5 where it is not set.
 */
import assert from 'node:assert/strict';
import {execFile, execFileSync} from 'node:child_process';
import {join} from 'node:path';
import test, {type TestContext} from 'node:test';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {Tmux} from '../screen/support/tmux.js';
import {Hands} from './support/hands.js';
import {becomes, inKernel, Namespace} from './support/net.js';
import {FUNCTIONS} from './support/pkttop.js';

const SECONDS = process.env.PKTTOP_FULL_SPEED ?? '5';
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = at('../../../support/blast.c');
const {count} = (await import(at('../../../../../dist/ui/numbers.js'))) as typeof import('../../src/ui/numbers.js');

/** What must be called once for each packet that IP of the namespace receives. */
const WITNESS = FUNCTIONS ? 'ip_rcv' : 'netif_receive_skb';

async function atFullSpeed(t: TestContext, buffer: string): Promise<void> {
	const namespace = new Namespace();
	const tmux = new Tmux(200, 60);
	const hands = new Hands(tmux);
	try {
		const blast = join(tmux.folder, 'blast');
		execFileSync('gcc', ['-O2', '-Wall', '-Werror', '-o', blast, SOURCE]);
		const run = (protocol: string) =>
			promisify(execFile)('ip', ['netns', 'exec', namespace.name, blast, protocol, SECONDS]);
		const backend = FUNCTIONS ? '' : '--backend tracepoint ';
		tmux.run(
			`${process.execPath} ${at('../../../../../dist/main.js')} ${backend}--buffer ${buffer} --netns ${namespace.name}; echo "code $?"`,
		);
		await hands.see((text) => text.includes('LIVE'), 'the first picture');
		const before = namespace.counters();
		const sent = await Promise.all([run('udp'), run('tcp')]);
		await becomes(() => namespace.settled(), 'TCP does not come to rest');
		const received = namespace.counters().since(before, 'IpInReceives');
		const [datagrams = 0, writes = 0] = sent.map(({stdout}) => Number(stdout));
		assert.ok(received > datagrams, `${received} packets, ${datagrams} datagrams`);
		await hands.calls({[WITNESS]: count(received)});
		const header = hands.lost;
		tmux.press('q');
		await tmux.see('code 0');
		const said = tmux.text().replaceAll('\n', '');
		const [summary, events, lost] = /\d+ blocks, (\d+) events, (\d+) lost \(.*/.exec(said) ?? [];
		const skipped = Number(/(\d+) events more, skipped/.exec(said)?.[1] ?? 0);
		t.diagnostic(
			`${datagrams} datagrams, ${writes} writes of 64 kB, ${received} packets, ${events} events, ${skipped} skipped`,
		);
		assert.ok(Number(events) + skipped > received, summary);
		assert.equal(lost, '0', summary);
		assert.equal(header, 'lost 0');
		await becomes(() => inKernel().length === 0, 'nothing of it in the kernel');
	} finally {
		tmux.stop();
		namespace.remove();
	}
}

for (const buffer of ['256M', '1M']) {
	test(`${SECONDS} s of UDP and TCP at full speed, ${buffer} of events on the screen: none is lost, all are counted`, (t) =>
		atFullSpeed(t, buffer));
}
