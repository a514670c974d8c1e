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
		found = await walk(folder);
		assert.equal(lost(found.result.summary), 0, JSON.stringify(found.result.summary.lost));
		checkStructure(found.result);
		const missing: string[] = [];
		for (const [id, block] of passagesOf(found.blocks)) {
			const hooks = PASSAGES.find((passage) => passage.id === id)?.hooks === true;
			if (block === undefined && (HOOKS || !hooks)) missing.push(id);
			t.diagnostic(`${id}: ${block === undefined ? 'none' : block.map(({fn, depth}) => `${depth}${fn}`).join(' ')}`);
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
