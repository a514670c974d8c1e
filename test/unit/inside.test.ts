import {expect, test} from 'vitest';
import {BlockBuilder} from '../../src/trace/blocks.js';
import {changes, tcpInside} from '../../src/trace/inside.js';
import {recordSize} from '../../src/trace/record.js';
import {Entry, Store} from '../../src/trace/store.js';
import {Tasks} from '../../src/trace/tasks.js';
import {RecordView} from '../../src/trace/view.js';
import {join, makeRecord} from './support/records.js';

const four = {src: [10, 0, 0, 1], dst: [10, 0, 0, 2], proto: 6};
const six = {src: Array<number>(16).fill(1), dst: Array<number>(16).fill(2), proto: 6};
const closing = {
	state: 1,
	new_state: 4,
	congestion: 3,
	cwnd: 10,
	new_cwnd: 11,
	ssthresh: 7,
	snd_wnd: 65536,
	rcv_wnd: 64240,
	srtt: 123,
	packets_out: 65535,
	retransmits: 2,
};

for (const [family, addresses, size] of [
	['IPv4', four, 96],
	['IPv6', six, 128],
] as const) {
	test(`what the socket knew is read behind a record of ${family}`, () => {
		const bytes = makeRecord({...addresses, tcp: closing});
		expect(bytes.length).toBe(size);
		expect(recordSize(bytes, 0)).toBe(size);
		const inside = tcpInside(new RecordView(bytes), 0);
		expect(inside).toEqual({
			state: 'ESTABLISHED',
			newState: 'FIN_WAIT1',
			congestion: 'Recovery',
			cwnd: 10,
			newCwnd: 11,
			ssthresh: 7,
			sndWnd: 65536,
			rcvWnd: 64240,
			srtt: 123,
			packetsOut: 65535,
			retransmits: 2,
		});
	});
}

test('a block keeps it, whatever records stand around', () => {
	const store = new Store(1 << 20);
	const builder = new BlockBuilder(store, new Tasks());
	const children = [four, six].flatMap((addresses, i) => [
		makeRecord({...addresses, fn: 1, depth: 1, begin: 110 + 20 * i, duration: 5, tcp: {...closing, cwnd: i}}),
		makeRecord({...addresses, fn: 2, depth: 1, begin: 120 + 20 * i, duration: 5}),
	]);
	builder.push(join([...children, makeRecord({...six, begin: 100, duration: 90, tcp: {...closing, cwnd: 9}})]));
	builder.flush();
	const entry = new Entry();
	expect(store.read(0, entry)).toBe(true);
	const found: (number | undefined)[] = [];
	for (let at = entry.at; at < entry.end; at += recordSize(entry.view.bytes, at)) {
		found.push(tcpInside(entry.view, at)?.cwnd);
	}
	expect(found).toEqual([9, 0, undefined, 1, undefined]);
});

test('other records have none, and a threshold that is not there is not shown', () => {
	expect(tcpInside(new RecordView(makeRecord(four)), 0)).toBeUndefined();
	const fresh = makeRecord({...four, tcp: {state: 2, new_state: 2, cwnd: 10, new_cwnd: 10, ssthresh: 0x7fffffff}});
	expect(tcpInside(new RecordView(fresh), 0)?.ssthresh).toBeUndefined();
});

test('what changed in words', () => {
	const of = (tcp: Partial<typeof closing>) =>
		changes(tcpInside(new RecordView(makeRecord({...four, tcp: {...closing, ...tcp}})), 0) ?? expect.fail(), '→');
	expect(of({})).toBe('ESTABLISHED → FIN_WAIT1, cwnd 10 → 11');
	expect(of({new_state: 1})).toBe('cwnd 10 → 11');
	expect(of({new_cwnd: 10})).toBe('ESTABLISHED → FIN_WAIT1');
	expect(of({new_state: 1, new_cwnd: 10})).toBe('');
	expect(of({new_state: 99})).toContain('→ 99');
});
