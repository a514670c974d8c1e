/** What -g chooses from the catalogue. */
import {describe, expect, it} from 'vitest';
import {ROWS} from '../../src/catalogue/catalogue.js';
import {DEFAULT_SET} from '../../src/catalogue/functions.js';
import {DROP, MARKS} from '../../src/catalogue/marks.js';
import {groupNames, pointsOf, UnknownGroup} from '../../src/catalogue/selection.js';
import {parseOptions} from '../../src/cli/options.js';

const names = (list: string) => pointsOf(list).functions.map((point) => point.names[0]);

describe('-g', () => {
	it('takes a group with its functions and marks, and the drop', () => {
		const {functions, marks, alone} = pointsOf('ip_forward');
		expect(functions.map(({group}) => group)).toEqual(functions.map(() => 'ip_forward'));
		expect(functions.map((point) => point.names[0])).toContain('ip_forward_finish');
		expect(marks).toContain(DROP);
		expect(pointsOf('netfilter').marks.map(({name}) => name)).toContain('NF_INET_PRE_ROUTING');
		expect(alone.length).toBeGreaterThan(0);
	});

	it('takes several, each function once', () => {
		const both = names('tcpin,tcpout,tcpin,default');
		expect(new Set(both).size).toBe(both.length);
		expect(both).toEqual(expect.arrayContaining([...names('tcpin'), ...names('tcpout')]));
		expect(both).toEqual(expect.arrayContaining(DEFAULT_SET.map((point) => point.names[0])));
	});

	it('takes presets, and all there is', () => {
		expect(names('thesis-tcpout')).toEqual([
			'tcp_sendmsg',
			'tcp_push',
			'__tcp_push_pending_frames',
			'tcp_write_xmit',
			'__tcp_transmit_skb',
			'tcp_retransmit_skb',
		]);
		expect(new Set(names('all'))).toEqual(
			new Set(ROWS.filter(({kind}) => kind === 'function').map((row) => row.names[0])),
		);
		expect(pointsOf('all').marks.length).toBe(MARKS.length);
		for (const name of groupNames()) expect(pointsOf(name).marks, name).toContain(DROP);
	});

	it('names the group that is not there', () => {
		expect(() => pointsOf('tcpin,nosuch')).toThrow(UnknownGroup);
		expect(() => parseOptions(['-g', 'nosuch'])).toThrow(/^-g: there is no group 'nosuch'.*; there are all, tcpin, /);
		expect(() => parseOptions(['-g', 'tcpinn'])).toThrow(/no group 'tcpinn' \(did you mean tcpin[,?]/);
		expect(() => parseOptions(['-g', 'tcpin,'])).toThrow(/one of them is empty/);
		expect(() => parseOptions(['-g', 'a\u001b[31mb'])).toThrow(/'a\?\[31mb'/);
		expect(() => parseOptions(['-r', 'file', '-g', 'tcpin'])).toThrow(/--group makes no sense/);
		expect(parseOptions(['-g', 'tcpin,arp', 'udp'])).toMatchObject({group: 'tcpin,arp', filter: 'udp'});
	});
});
