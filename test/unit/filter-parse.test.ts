import fc from 'fast-check';
import {describe, expect, it, test} from 'vitest';
import {FilterError} from '../../src/trace/filter/error.js';
import {formatFilter} from '../../src/trace/filter/format.js';
import {parseFilter} from '../../src/trace/filter/parse.js';
import {KEYWORDS} from '../../src/trace/filter/words.js';
import {filterText} from './support/filter-arbitraries.js';

/** The canonical text says what was understood. */
const understood = (text: string) => formatFilter(parseFilter(text));

function refusal(text: string): FilterError {
	try {
		parseFilter(text);
	} catch (error) {
		if (error instanceof FilterError) return error;
		throw error;
	}
	throw new Error(`accepted: ${text}`);
}

describe('understands', () => {
	test.each([
		['', ''],
		[' \t\n', ''],
		['tcp', 'tcp'],
		['icmp6', 'icmp6'],
		['ip proto 6', 'ip proto 6'],
		['proto 6', 'tcp'],
		['ip proto 1', 'icmp'],
		['proto \\udp', 'udp'],
		// What an address or a number is by itself
		['80', 'port 80'],
		['1.2.3.4', 'host 1.2.3.4'],
		['FE80:0:0::1', 'host fe80::1'],
		['10.0.0.0/8', 'net 10.0.0.0/8'],
		['src 80', 'src port 80'],
		['tcp 80', 'tcp port 80'],
		['ip 1.2.3.4', 'ip host 1.2.3.4'],
		// Protocol, direction, type
		['udp src portrange 1-5', 'udp src portrange 1-5'],
		['portrange 5', 'port 5'],
		['portrange 0-5', 'portrange 0-5'],
		['ip6 host ::1', 'ip6 host ::1'],
		['arp src host 10.0.0.1', 'arp src host 10.0.0.1'],
		['src or dst port 80', 'port 80'],
		['dst or src port 80', 'port 80'],
		['dst and src host ::1', 'src and dst host ::1'],
		['src&&dst 1.2.3.4', 'src and dst host 1.2.3.4'],
		['port 1 or port 65535', 'port 1 or port 65535'],
		// Networks
		['net 10', 'net 10.0.0.0/8'],
		['net 10.1', 'net 10.1.0.0/16'],
		['host 10.1', 'net 10.1.0.0/16'],
		['net 10.1/16', 'net 10.1.0.0/16'],
		['net 1.2.3.4', 'host 1.2.3.4'],
		['net 1.2.3.4/32', 'host 1.2.3.4'],
		['net 10.1 mask 255.255.0.0', 'net 10.1.0.0/16'],
		['src net 10.0.3.0 mask 255.0.255.0', 'src net 10.0.3.0 mask 255.0.255.0'],
		['net fe80::/10', 'net fe80::/10'],
		['net ::/0', 'net ::/0'],
		['net 0.0.0.0/0', 'net 0.0.0.0/0'],
		['host ::ffff:1.2.3.4', 'host ::ffff:1.2.3.4'],
		['host 2001:0db8:0:0:1:0:0:1', 'host 2001:db8::1:0:0:1'],
		['host 1:2:3:4:5:6:7::', 'host 1:2:3:4:5:6:7:0'],
		['host 64:ff9b::10.0.0.1', 'host 64:ff9b::a00:1'],
		// Operators: not binds tightest, and and or alike, from the left
		['tcp or udp and port 80', '(tcp or udp) and port 80'],
		['tcp and udp or port 80', '(tcp and udp) or port 80'],
		['tcp or (udp and port 80)', 'tcp or (udp and port 80)'],
		['tcp||(udp||arp)', 'tcp or udp or arp'],
		['not tcp and udp', 'not tcp and udp'],
		['!(tcp and udp)', 'not (tcp and udp)'],
		['not not tcp', 'tcp'],
		['((((tcp))))', 'tcp'],
		['!tcp&&!udp', 'not tcp and not udp'],
		// Qualifiers are shared with what follows without
		['port 80 or 443', 'port 80 or port 443'],
		['src host 1.2.3.4 or 5.6.7.8', 'src host 1.2.3.4 or src host 5.6.7.8'],
		['tcp dst port 80 or 443 or not 22', 'tcp dst port 80 or tcp dst port 443 or not tcp dst port 22'],
		['portrange 1-5 or 9-11', 'portrange 1-5 or portrange 9-11'],
		['net 10 or 11.2', 'net 10.0.0.0/8 or net 11.2.0.0/16'],
		['src 1.2.3.4 or 80', 'src host 1.2.3.4 or src port 80'],
		['src host 1.2.3.4 or 10.0.0.0/8', 'src host 1.2.3.4 or src net 10.0.0.0/8'],
		['port 80 and (443 or 22)', 'port 80 and (port 443 or port 22)'],
		['tcp port (80 or 443)', 'tcp port 80 or tcp port 443'],
		['tcp port (80 or (443)) or 22', 'tcp port 80 or tcp port 443 or tcp port 22'],
		['src not 1.2.3.4', 'not src host 1.2.3.4'],
		['host !(1.2.3.4 or ::1)', 'not (host 1.2.3.4 or host ::1)'],
		['proto 6 or 17', 'tcp or udp'],
		// … but not where they cannot be meant, nor from a finished word or parentheses
		['1.2.3.4 and 80', 'host 1.2.3.4 and port 80'],
		['tcp port 80 and 1.2.3.4', 'tcp port 80 and host 1.2.3.4'],
		['host 1.2.3.4 or 80', 'host 1.2.3.4 or port 80'],
		['tcp or 443', 'tcp or port 443'],
		['udp port 53 or tcp or 443', 'udp port 53 or tcp or port 443'],
		['(tcp port 80) or 443', 'tcp port 80 or port 443'],
	])('%s', (text, canonical) => {
		expect(understood(text)).toBe(canonical);
	});

	it('as many parentheses as anybody writes, and operators as many as fit', () => {
		expect(understood(`${'('.repeat(64)}tcp${')'.repeat(64)}`)).toBe('tcp');
		expect(understood(`${'!'.repeat(4093)}tcp`)).toBe('not tcp');
		expect(understood(`port ${'!'.repeat(4090)}8`)).toBe('port 8');
		const chain = `1${'||2&&3'.repeat(682)}`;
		expect(understood(chain)).toContain('port 2) and port 3');
	});
});

describe('refuses', () => {
	test.each([
		// words
		['tpc', 1, 'tpc', "unknown word 'tpc' (did you mean tcp?)"],
		['tcp and hots 1.2.3.4', 9, 'hots', "unknown word 'hots' (did you mean host?)"],
		['  localhost', 3, 'localhost', "unknown word 'localhost'"],
		['TCP', 1, 'TCP', "unknown word 'TCP' (keywords are lower case: tcp)"],
		['tcp AND udp', 5, 'AND', "expected 'and' or 'or' before 'AND'"],
		['vlan 5', 1, 'vlan', "'vlan' of pcap-filter is not known here"],
		['esp', 1, 'esp', "'esp' of pcap-filter is not known here (say proto 50)"],
		['tcp[13] = 2', 1, 'tcp[13]', "'tcp[13]': bytes of a packet cannot be filtered here"],
		['tcp & udp', 5, '&', "'&' must be '&&'"],
		['mask 255.0.0.0', 1, 'mask', "'mask' comes after a net"],
		// ports and protocols
		['port 70000', 6, '70000', 'port 70000 is above 65535'],
		['port 0', 6, '0', 'port 0 is on no packet; say 1 to 65535'],
		['port 080', 6, '080', "'080' is not a decimal number"],
		['port -1', 6, '-1', "'-1' is not a decimal number"],
		['port http', 6, 'http', "'http' is no number; port names are not looked up"],
		['port 1-5', 6, '1-5', "'1-5' is a range; say portrange"],
		['1-5', 1, '1-5', "'1-5' is a range; say portrange"],
		['portrange 9-1', 11, '9-1', 'portrange 9-1 is backwards; 1-9?'],
		['portrange 1-', 11, '1-', 'portrange needs two numbers like 80-90'],
		['portrange 1-2-3', 11, '1-2-3', 'portrange needs two numbers like 80-90'],
		['portrange 1-70000', 11, '1-70000', 'port 70000 is above 65535'],
		['port 99999999999999999999', 6, '99999999999999999999', 'port 99999999999999999999 is above 65535'],
		['proto 256', 7, '256', 'protocol 256 is above 255'],
		['proto 0', 7, '0', 'protocol 0 is on no packet; say 1 to 255'],
		['proto gre', 7, 'gre', "'gre' is no number; protocol names are not looked up"],
		// addresses
		['host localhost', 6, 'localhost', "'localhost' is no address; names are not looked up"],
		['host 80', 6, '80', "'80' is not an address (for a port say port 80)"],
		['net 1.2.3.4/40', 5, '1.2.3.4/40', '/40 is longer than an IPv4 address, /32'],
		['net ::/129', 5, '::/129', '/129 is longer than an IPv6 address, /128'],
		['net 10.0.0.0/x', 5, '10.0.0.0/x', "'/x' is no mask length; say /0 to /32"],
		['net 10.0.0.1/8', 5, '10.0.0.1/8', '10.0.0.1/8 has bits outside its mask; 10.0.0.0/8?'],
		['10.0.0.1/8', 1, '10.0.0.1/8', '10.0.0.1/8 has bits outside its mask; 10.0.0.0/8?'],
		['net fe80::1/10', 5, 'fe80::1/10', 'fe80::1/10 has bits outside its mask; fe80::/10?'],
		[
			'net 10.1.2.0 mask 255.255',
			5,
			'10.1.2.0',
			'10.1.2.0 mask 255.255.0.0 has bits outside its mask; 10.1.0.0 mask 255.255.0.0?',
		],
		['net fe80:: mask 255.0.0.0', 17, '255.0.0.0', 'a mask is for IPv4; say /len for IPv6'],
		['net 10/8 mask 255.0.0.0', 15, '255.0.0.0', 'a mask after /len is one too many'],
		['net 10 mask', 8, 'mask', "'mask' needs a mask like 255.255.0.0 after it"],
		['host 10.0.0.0/8', 6, '10.0.0.0/8', 'host takes no mask length; say net 10.0.0.0/8'],
		['net 256', 5, '256', "'256' is not an address: 256 is above 255"],
		['host 300.1.1.1', 6, '300.1.1.1', "'300.1.1.1' is not an address: 300 is above 255"],
		['host 010.1.1.1', 6, '010.1.1.1', "'010.1.1.1' is not an address: leading zero"],
		['1.2.3.4.5', 1, '1.2.3.4.5', "'1.2.3.4.5' is not an address"],
		['1..2', 1, '1..2', "'1..2' is not an address"],
		['1::2::3', 1, '1::2::3', "'1::2::3' is not an address"],
		['fe80::1%eth0', 1, 'fe80::1%eth0', "'fe80::1%eth0' is not an address: no zone here, narrow by device instead"],
		// qualifiers
		['tcp host 1.2.3.4', 1, 'tcp', "'tcp' cannot qualify host; say tcp and host …"],
		['ip port 80', 1, 'ip', "'ip' cannot qualify port; say ip and port …"],
		['icmp src 1.2.3.4', 1, 'icmp', "'icmp' cannot qualify host; say icmp and host …"],
		['tcp host (1.2.3.4)', 11, '1.2.3.4', "'tcp' cannot qualify host; say tcp and host …"],
		['ip host ::1', 9, '::1', "'::1' is no address of ip"],
		['ip6 1.2.3.4', 5, '1.2.3.4', "'1.2.3.4' is no address of ip6"],
		['ip host 1.2.3.4 or ::1', 20, '::1', "'::1' is no address of ip"],
		['src tcp port 80', 5, 'tcp', "'tcp' must come before 'src'"],
		['src proto 6', 1, 'src', 'proto has no src or dst'],
		['tcp proto 6', 1, 'tcp', 'tcp cannot stand before proto'],
		['src port 80 or 1.2.3.4', 16, '1.2.3.4', "say what '1.2.3.4' is: it cannot share the words before it"],
		['port (80 or 1.2.3.4)', 13, '1.2.3.4', "say what '1.2.3.4' is: it cannot share the words before it"],
		['port (80 or tcp)', 13, 'tcp', "only addresses and numbers here, not 'tcp'"],
		['src dst port 80', 1, 'src', "'src' needs an address or a port after it"],
		['host port 80', 1, 'host', "'host' needs an address after it"],
		// operands and parentheses
		['tcp udp', 5, 'udp', "expected 'and' or 'or' before 'udp'"],
		['port 80 443', 9, '443', "expected 'and' or 'or' before '443'"],
		['tcp (port 80)', 5, '(', "expected 'and' or 'or' before '('"],
		['(tcp udp)', 6, 'udp', "expected 'and' or 'or' before 'udp'"],
		['port', 1, 'port', "'port' needs a number after it"],
		['udp src portrange and tcp', 9, 'portrange', "'portrange' needs a range like 80-90 after it"],
		['src or', 1, 'src', "'src' needs an address or a port after it"],
		['tcp and', 5, 'and', "'and' needs something after it"],
		['tcp || ', 5, '||', "'||' needs something after it"],
		['tcp and or udp', 5, 'and', "'and' needs something after it"],
		['not', 1, 'not', "'not' needs something after it"],
		['and tcp', 1, 'and', "'and' needs something before it"],
		['()', 1, '(', 'nothing between the parentheses'],
		['(', 1, '(', "'(' is not closed"],
		['tcp and (udp or (arp)', 9, '(', "'(' is not closed"],
		['tcp)', 4, ')', "')' without '('"],
		[')', 1, ')', "')' without '('"],
		['(tcp and)', 6, 'and', "'and' needs something after it"],
		[`${'('.repeat(65)}tcp${')'.repeat(65)}`, 65, '(', 'more than 64 parentheses inside each other'],
		[' '.repeat(4097), 4097, '', 'longer than 4096 characters'],
	])('%s', (text, column, word, message) => {
		const error = refusal(text);
		expect({message: error.message, column: error.column, word: error.word}).toEqual({message, column, word});
	});

	it('shows no control character of the text, and no long word whole', () => {
		expect(refusal('\u001b[2Jtcp').message).toBe("'?[2Jtcp': bytes of a packet cannot be filtered here");
		expect(refusal('t\u202ecp').message).toBe("unknown word 't?cp' (did you mean tcp?)");
		expect(refusal('x'.repeat(4000)).message.length).toBeLessThan(80);
	});
});

describe('any text', () => {
	const number = fc.oneof(
		fc.nat(70000).map(String),
		fc.constantFrom('1.2.3.4', '10/8', '10.1', '::1', 'fe80::/10', '1-5'),
	);
	const token = fc.oneof(fc.constantFrom(...KEYWORDS, '(', ')', '!', '&&', '||', '(', ')'), number);
	const text = fc.oneof(
		fc.array(token, {maxLength: 40}).map((tokens) => tokens.join(' ')),
		fc.array(token, {maxLength: 12}).map((tokens) => tokens.join('')),
		fc.string({unit: 'binary', maxLength: 60}),
		fc.uint8Array({maxLength: 60}).map((bytes) => Buffer.from(bytes).toString('latin1')),
		fc.mixedCase(filterText),
	);

	it('is understood or refused in one line that points into it', {timeout: 60_000}, () => {
		fc.assert(
			fc.property(text, (source) => {
				try {
					parseFilter(source);
				} catch (error) {
					if (!(error instanceof FilterError)) throw error;
					expect(error.message).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}]{1,160}$/u);
					expect(error.column).toBeGreaterThanOrEqual(1);
					expect(error.column).toBeLessThanOrEqual(source.length + 1);
					const there = source.slice(error.column - 1, error.column - 1 + error.word.length);
					if (!/[?…]/.test(error.word)) expect(there).toBe(error.word);
				}
			}),
			{numRuns: 5000},
		);
	});

	it('formatted and read again means the same', {timeout: 60_000}, () => {
		fc.assert(
			fc.property(filterText, (source) => {
				const expression = parseFilter(source);
				expect(parseFilter(formatFilter(expression))).toEqual(expression);
			}),
			{numRuns: 2000},
		);
	});
});
