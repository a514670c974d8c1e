/** What -g and `pkttop list` say, on a real kernel. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {Namespace} from './support/net.js';
import {FUNCTIONS, lost, run, trace} from './support/pkttop.js';

test('list needs no root, and the default set is in this kernel', async () => {
	const {code, stdout, stderr} = await run(['list', '--json'], {uid: 65534});
	assert.equal(code, 0, stderr);
	const listed = stdout
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line) as {group: string; name: string; default: boolean; state: string});
	const byDefault = listed.filter((one) => one.default);
	assert.equal(byDefault.length, 60);
	assert.deepEqual(
		byDefault.filter(({state}) => state === 'missing'),
		[],
	);
});

if (FUNCTIONS) {
	test('-g traces the functions of its groups, and what their packets do', async () => {
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
}
