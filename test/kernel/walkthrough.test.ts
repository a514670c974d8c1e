/** What the thesis of 2005 discusses, seen in today's kernel: functions, their order and nesting, states and hooks. */
import assert from 'node:assert/strict';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test, {after} from 'node:test';
import {type Block, inside, PASSAGES} from './support/passages.js';
import {FUNCTIONS, HOOKS, type Line, lost, ON} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';
import {logLines, passagesOf, type Walk, walk} from './support/walk.js';

const folder = mkdtempSync(join(tmpdir(), 'pkttop-walk-'));
after(() => rmSync(folder, {recursive: true}));

let found: Walk | undefined;

if (FUNCTIONS) {
	test('every passage of the thesis is in the trace', async (t) => {
		// Whether data meets a socket that is held, and whether the window is what limits, is a matter of time.
		let missing = PASSAGES.filter(({hooks}) => HOOKS || !hooks).map(({id}) => id);
		for (let tries = 0; tries < 3 && missing.length > 0; tries++) {
			found = await walk(mkdtempSync(join(folder, 'walk-')));
			assert.equal(lost(found.result.summary), 0, JSON.stringify(found.result.summary.lost));
			checkStructure(found.result);
			const blocks = passagesOf(found.blocks);
			missing = missing.filter((id) => blocks.get(id) === undefined);
			t.diagnostic(`missing after ${tries + 1}: ${missing.join(' ') || 'none'}`);
		}
		assert.deepEqual(missing, [], `not found on ${ON}`);
	});

	test('the states of both ends, in the order of RFC 9293', () => {
		const changes = (side: (line: Line) => boolean): string[] => {
			const lines = (found as Walk).result.calls
				.filter((line) => line.fn === 'tcp_set_state' && side(line) && line.state !== line.newstate)
				.toSorted((one, other) => one.begin - other.begin);
			return lines.map(({state, newstate}) => `${state} ${newstate}`);
		};
		assert.deepEqual(
			changes(({dport}) => dport === 30151),
			['CLOSE SYN_SENT', 'SYN_SENT ESTABLISHED', 'ESTABLISHED FIN_WAIT1', 'FIN_WAIT1 FIN_WAIT2', 'FIN_WAIT2 CLOSE'],
		);
		assert.deepEqual(
			changes(({sport}) => sport === 30151),
			['SYN_RECV ESTABLISHED', 'ESTABLISHED CLOSE_WAIT', 'CLOSE_WAIT LAST_ACK', 'LAST_ACK CLOSE'],
		);
	});

	if (HOOKS) {
		test('a forwarded datagram meets the three hooks of a router', () => {
			const hooks = (block: Block): string[] =>
				block.flatMap(({fn}) => (fn.startsWith('NF_INET_') ? [fn.slice(8)] : []));
			const {blocks} = found as Walk;
			const forwarded = blocks.filter(
				(block) => inside(block, 'ip_forward', ({proto}) => proto === 'udp') !== undefined,
			);
			assert.equal(forwarded.length, 4, 'two datagrams there, two back');
			for (const block of forwarded) {
				assert.deepEqual(hooks(block).slice(0, 3), ['PRE_ROUTING', 'FORWARD', 'POST_ROUTING']);
			}
		});
	}

	test('the clean log has the same blocks', async () => {
		const {blocks, session} = found as Walk;
		const log = await logLines(session);
		for (const block of blocks) {
			const lines = log.get(block[0]?.block ?? 0);
			assert.ok(lines !== undefined, `block ${block[0]?.block}`);
			const begins = lines.flatMap((line) => /^\d+ +\S+ \S+ \S+ (\S+) [B-](?: |$)/.exec(line)?.[1] ?? []);
			assert.deepEqual(
				begins,
				block.map(({fn}) => fn),
			);
		}
	});
}
