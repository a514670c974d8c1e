/** What -g and `pkttop list` say, on a real kernel. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ROWS} from '../../src/catalogue/catalogue.js';
import type {Listed} from '../../src/cli/listing.js';
import {becomes, inKernel, Namespace} from './support/net.js';
import {exact, FUNCTIONS, lost, ON, run, trace} from './support/pkttop.js';
import {checkStructure} from './support/structure.js';

async function listed(uid?: number): Promise<Listed[]> {
	const {code, stdout, stderr} = await run(['list', '--json'], uid === undefined ? {} : {uid});
	assert.equal(code, 0, stderr);
	assert.equal(stderr, '');
	return stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as Listed);
}

const THERE = ['ok', 'renamed', 'rare'];

test('list needs no root, and the default set is in this kernel unless its row says otherwise', async () => {
	const all = await listed(65534);
	const byDefault = all.filter((one) => one.default);
	assert.equal(byDefault.length, 64);
	for (const {name, state} of byDefault) {
		const row = ROWS.find(({kind, names}) => kind === 'function' && names.includes(name));
		assert.ok(THERE.includes(state) || row?.absent !== undefined, `${name}: ${state}`);
	}
	assert.deepEqual(
		all.filter(({backend}) => backend !== undefined),
		[],
	);
});

test('every row of the catalogue is in this kernel, or the row says why not', async () => {
	const all = await listed();
	assert.equal(all.length, ROWS.length);
	for (const [i, {name, state, why, backend}] of all.entries()) {
		const row = ROWS[i];
		if (THERE.includes(state)) assert.ok(backend !== undefined, `${name} has no backend`);
		else assert.ok(why, `${name} is ${state} and does not say why`);
		if (state === 'module') assert.ok(row?.module, name);
		// Before 5.11 a module that is loaded has no BTF.
		if (state === 'missing') assert.ok(row?.absent ?? (ON === '5.10' && row?.module), `${name}: ${why}`);
		if (state === 'inlined') assert.ok(row?.note, `${name}: ${why}`);
		if (FUNCTIONS) assert.notEqual(state, 'refused', `${name}: ${why}`);
	}
});

test('what root is told about the kernel, everybody is told', async () => {
	const [root, user] = [await listed(), await listed(65534)];
	for (const [i, one] of user.entries()) {
		const {backend, ...told} = root[i] as Listed;
		if (told.state !== 'refused') assert.deepEqual(one, told);
	}
});

if (FUNCTIONS) {
	exact('-g traces the functions of its groups, and what their packets do', async () => {
		const namespace = new Namespace();
		try {
			const result = await trace(['-g', 'udpio,ip_rcv', '--netns', namespace.name], () =>
				namespace.traffic('echo-udp', '127.0.0.1', 0, 10),
			);
			const groups = new Set(result.calls.map((call) => (call as unknown as {group: string}).group));
			assert.deepEqual([...groups].sort(), ['ip_rcv', 'udpio']);
			assert.equal(result.count('udp_rcv'), 20);
			assert.equal(result.count('ip_rcv'), 20);
			assert.ok(result.summary.attached && result.summary.attached > 15);
			assert.equal(lost(result.summary), 0);
			const names = result.lines.filter(({type}) => type === 'function').map(({fn}) => fn);
			assert.equal(new Set(names).size, names.length, 'no function twice');
		} finally {
			namespace.remove();
		}
	});

	exact('every group at once: what list calls ok is attached, and counts stay right', async (t) => {
		const there = (await listed()).filter(({kind, state}) => kind === 'function' && THERE.includes(state));
		const namespace = new Namespace();
		try {
			const before = namespace.counters();
			const result = await trace(['-g', 'all', '--netns', namespace.name], async () => {
				await namespace.traffic('echo-udp', '127.0.0.1', 0, 10);
				await namespace.traffic('echo-tcp', '127.0.0.1', 0, 2);
				await becomes(() => namespace.settled(), 'TCP does not come to rest');
			});
			const after = namespace.counters();
			const {attached, wanted, attach_ms: took, backend, lost: losses = {}} = result.summary;
			t.diagnostic(`${attached} of ${wanted} by ${backend} in ${took} ms on ${ON}`);
			const traced = new Set(result.lines.flatMap(({type, fn}) => (type === 'function' ? [fn] : [])));
			assert.deepEqual(
				there.filter(({name}) => !traced.has(name)).map(({name}) => name),
				[],
			);
			assert.equal(result.count('ip_rcv'), after.since(before, 'IpInReceives'));
			assert.equal(result.count('ip_local_deliver'), after.since(before, 'IpInDelivers'));
			assert.equal(result.count('udp_rcv'), 20);
			assert.equal(lost(result.summary), 0, JSON.stringify(losses));
			checkStructure(result);
			// Hundreds of probes, each taken away by itself on kernels that have no other way.
			await becomes(() => inKernel().length === 0, 'probes are still in the kernel', 180_000);
		} finally {
			namespace.remove();
		}
	});
}
