import {describe, expect, test} from 'vitest';
import {GROUPS, ROWS} from '../../src/catalogue/catalogue.js';
import {DEFAULT_SET, isIpLayer, tracePoints} from '../../src/catalogue/functions.js';
import {knownFunction, knownNames, layerOf} from '../../src/catalogue/knowledge.js';
import {DROP, MARKS} from '../../src/catalogue/marks.js';
import {PRESETS, preset} from '../../src/catalogue/presets.js';

/** Sessions recorded with it must stay comparable: group, names, and how packet and socket are read. */
const DEFAULT = `
inet inet_stream_connect late|inet inet_accept late|inet inet_sendmsg|inet inet_recvmsg late|inet inet_release
synfin tcp_v4_connect late|synfin tcp_connect|synfin tcp_rcv_state_process|synfin tcp_v4_conn_request
synfin tcp_v4_send_synack tcp_make_synack|synfin tcp_create_openreq_child|synfin tcp_send_ack|synfin tcp_close
synfin tcp_send_fin|synfin tcp_fin|synfin tcp_time_wait|synfin tcp_set_state|synfin tcp_v4_send_reset
tcpout tcp_sendmsg|tcpout tcp_push|tcpout tcp_write_xmit|tcpout __tcp_transmit_skb tcpCb
tcpout tcp_retransmit_skb tcpCb|tcpin tcp_v4_rcv|tcpin tcp_v4_do_rcv|tcpin tcp_rcv_established|tcpin tcp_ack
tcpin tcp_data_queue|tcpin tcp_queue_rcv|queue tcp_add_backlog|tcpin tcp_recvmsg
inet skb_copy_datagram_iter
tcp_prot tcp_enter_loss|tcp_prot tcp_retransmit_timer
udpio udp_sendmsg|udpio udp_recvmsg late|udpio udp_rcv|udpio udp_queue_rcv_skb udp_queue_rcv_one_skb
udpio __udp_enqueue_schedule_skb|udpio skb_consume_udp skb_free_datagram|ip_rcv ip_rcv|ip_rcv ip_route_input_noref|ip_rcv ip_local_deliver|ip_rcv ip_defrag
ip_send ip_queue_xmit transport|ip_send ip_output|ip_send ip_finish_output2|ip_send ip_do_fragment
ip_forward ip_forward|ip_forward ip_forward_finish|device __dev_queue_xmit|device dev_hard_start_xmit
device __netif_receive_skb_one_core|device sk_skb_reason_drop kfree_skb_reason kfree_skb|queue enqueue_to_backlog
queue dev_qdisc_enqueue|queue sch_direct_xmit|queue __release_sock|icmp icmp_rcv|icmp __icmp_send|arp arp_rcv
arp arp_xmit|arp neigh_resolve_output|arp __neigh_event_send`;

describe('the default set', () => {
	test('has its 64 functions, in order, and reads each the right way', () => {
		const found = DEFAULT_SET.map(({group, names, from, late}) =>
			[group, ...names, ...(from === undefined ? [] : [from]), ...(late ? ['late'] : [])].join(' '),
		);
		expect(found).toEqual(DEFAULT.trim().split(/[|\n]/));
		expect(found).toHaveLength(64);
	});

	test('marks: our own handler, the five hooks for both families, 20 tracepoints, the drop last', () => {
		expect(MARKS.filter(({hook}) => hook !== undefined)).toEqual([
			{name: 'ETH_P_ALL', group: 'ip_rcv', kind: 'handler', hook: {families: [17], number: 3}},
			...['PRE_ROUTING', 'LOCAL_IN', 'FORWARD', 'LOCAL_OUT', 'POST_ROUTING'].map((name, number) => {
				return {name: `NF_INET_${name}`, group: 'netfilter', kind: 'hook', hook: {families: [2, 10], number}};
			}),
		]);
		const points = MARKS.filter(({hook}) => hook === undefined).map(({group, name}) => `${group} ${name}`);
		expect(points.toSorted()).toEqual(
			`device kfree_skb|device net_dev_queue|device net_dev_start_xmit|device netif_rx|icmp icmp_send
			inet inet_sk_error_report|inet sk_data_ready|inet sock_recv_length|inet sock_send_length
			ip_rcv netif_receive_skb|queue qdisc_dequeue|queue qdisc_enqueue|synfin inet_sock_set_state
			synfin tcp_destroy_sock|synfin tcp_send_reset|tcp_prot tcp_cong_state_set|tcpin tcp_probe
			tcpin tcp_receive_reset|tcpout tcp_retransmit_skb|udpio skb_copy_datagram_iovec
			udpio udp_fail_queue_rcv_skb`.split(/[|\n]\t*/),
		);
		expect(MARKS.at(-1)).toBe(DROP);
	});
});

test('every row says in one or two sentences what it does', () => {
	for (const {names, classic, does, note, rare, kind} of ROWS) {
		const what = names[0] ?? classic;
		expect(does, what).toMatch(/^[A-Z].*\.$/);
		expect(does.length, what).toBeLessThanOrEqual(240);
		expect(does.match(/[.:?] |\.$/g)?.length, what).toBeLessThanOrEqual(3);
		if (note !== undefined) expect(note, what).toMatch(/^[\w_].*\.$/);
		// Who finds nothing in the trace must be told why.
		if (rare || kind === 'gone') expect(note, what).toBeDefined();
	}
});

test('names are kernel identifiers, and a group has each once', () => {
	for (const {name, rows} of GROUPS) {
		for (const row of rows)
			for (const one of row.names) expect(one).toMatch(/^[A-Za-z_][A-Za-z0-9_]*(\.constprop\.0)?$/);
		for (const kind of ['function', 'tracepoint', 'hook', 'handler'] as const) {
			const names = rows.filter((row) => row.kind === kind).map((row) => row.names[0]);
			expect(new Set(names).size, `${name} ${kind}`).toBe(names.length);
		}
	}
	expect(GROUPS.map(({name}) => name).toSorted()).toEqual(
		`arp device icmp inet ip_forward ip_rcv ip_send ipv6 netfilter queue synfin tcp_prot tcpin tcpout udpio`.split(' '),
	);
});

test('what is gone points to what can be traced', () => {
	const first = new Set(ROWS.filter(({kind}) => kind === 'function').flatMap(({names}) => names));
	for (const {kind, names, classic} of ROWS) {
		if (kind === 'gone') for (const name of names) expect(first, classic).toContain(name);
	}
	expect(knownFunction('tcp_rcv_synsent_state_process')).toMatchObject({
		name: 'tcp_rcv_synsent_state_process',
		kind: 'gone',
		names: ['tcp_finish_connect', 'tcp_rcv_state_process'],
	});
});

test('presets name rows, and no group', () => {
	const marks = MARKS.map(({name}) => name);
	for (const {name, functions, marks: wanted} of PRESETS) {
		expect(GROUPS.map((one) => one.name)).not.toContain(name);
		expect(tracePoints(functions)).toHaveLength(functions.length);
		expect(new Set(functions).size, name).toBe(functions.length);
		expect(marks).toEqual(expect.arrayContaining([...wanted]));
	}
	expect(new Set(PRESETS.map(({name}) => name)).size).toBe(PRESETS.length);
	expect(preset('thesis')?.functions).toHaveLength(58);
	expect(preset('thesis')?.marks).toHaveLength(7);
	expect(() => tracePoints(['tcp_v4_rcvv'])).toThrow('tcp_v4_rcvv');
});

describe('knowledge', () => {
	test('finds a function by its name of today and of 2.4', () => {
		expect(knownFunction('tcp_transmit_skb')).toEqual(knownFunction('__tcp_transmit_skb'));
		expect(knownFunction('tcp_transmit_skb')).toMatchObject({
			name: '__tcp_transmit_skb',
			classic: 'tcp_transmit_skb',
			group: 'tcpout',
			layer: 'tcp',
			direction: 'out',
			sleeps: false,
			frees: true,
		});
		expect(knownFunction('kfree_skb_reason')?.name).toBe('kfree_skb_reason');
		expect(knownFunction('kfree_skb')?.kind).toBe('tracepoint');
		expect(knownFunction('netif_receive_skb')).toMatchObject({kind: 'function', group: 'device'});
		expect(knownFunction('netif_receive_skb', true)).toMatchObject({kind: 'tracepoint', group: 'ip_rcv'});
		expect(knownFunction('ip_rcv', true)?.kind).toBe('function');
		expect(knownFunction('NF_INET_LOCAL_IN')).toMatchObject({kind: 'hook', classic: 'NF_IP_LOCAL_IN'});
		expect(knownFunction('NF_IP_LOCAL_IN')?.name).toBe('NF_INET_LOCAL_IN');
		expect(knownFunction('tcp_set_state')?.kind).toBe('function');
		expect(knownFunction('ip_rcv_core.constprop.0')?.name).toBe('ip_rcv_core');
		expect(knownFunction('ip_rcv_finish')).toMatchObject({kind: 'function', rare: true});
		expect(knownFunction('no_such_function')).toBeUndefined();
		expect(knownFunction('constructor')).toBeUndefined();
		for (const name of knownNames()) expect(knownFunction(name)?.does).toBeDefined();
	});

	test('knows the layer of what it has, and that of the group for the rest', () => {
		expect(layerOf('udp_rcv', 'udpio')).toBe('udp');
		expect(layerOf('raw_rcv', 'icmp')).toBe('ip');
		expect(layerOf('arp_something_new', 'arp')).toBe('neighbour');
		expect(layerOf('whatever', 'other')).toBe('other');
		expect(['ip_rcv', 'tcpin'].map((group) => isIpLayer(group as 'ip_rcv'))).toEqual([true, false]);
	});
});
