import {expect, test} from 'vitest';
import {
	type Compiled,
	compileFields,
	completion,
	type FieldError,
	type Fields,
	isError,
	NO_FIELDS,
} from '../../../src/ui/filter.js';

const compile = (fields: Partial<Fields>): Compiled | FieldError => compileFields({...NO_FIELDS, ...fields});
const text = (fields: Partial<Fields>): string => {
	const result = compile(fields);
	if (isError(result)) throw new Error(result.message);
	return result.text;
};

test('the fields make one filter', () => {
	expect(text({})).toBe('');
	expect(text({expression: 'udp or icmp'})).toBe('udp or icmp');
	expect(text({port: '80'})).toBe('port 80');
	expect(text({port: '80-90'})).toBe('portrange 80-90');
	expect(text({protocol: 'udp', address: '10.1', port: '53'})).toBe('udp and net 10.1.0.0/16 and port 53');
	expect(text({protocol: '47'})).toBe('proto 47');
	expect(text({address: 'fe80::1'})).toBe('host fe80::1');
	expect(text({expression: 'tcp or udp', port: '80'})).toBe('(tcp or udp) and port 80');
	expect(text({device: 'lo', port: '1'})).toBe('port 1, on lo');
	expect(text({device: 'lo'})).toBe('on lo');
});

test('nothing asked for is no predicate, and what the command line narrowed is one', () => {
	expect((compile({}) as Compiled).predicate).toBeUndefined();
	expect((compileFields(NO_FIELDS, {pid: 7}) as Compiled).predicate).toBeDefined();
});

test.each([
	[{port: '99999'}, 'port', 1, /above 65535/],
	[{port: '0'}, 'port', 1, /no packet/],
	[{port: '8x'}, 'port', 1, /not a decimal number/],
	[{protocol: 'tpc'}, 'protocol', 1, /did you mean tcp/],
	[{protocol: 'udp port'}, 'protocol', 4, /one word here/],
	[{address: '10.0.0.300'}, 'address', 1, /above 255/],
	[{address: '10.0.0.1/8'}, 'address', 1, /outside its mask/],
	[{expression: 'udp and port x'}, 'expression', 14, /no number/],
	[{device: 'a/b'}, 'device', 1, /no name of a device/],
])('%j is wrong in %s at %i', (fields, field, column, message) => {
	const result = compile(fields);
	if (!isError(result)) throw new Error('it was taken');
	expect(result).toMatchObject({field, column});
	expect(result.message).toMatch(message);
});

test('completion of words, protocols and interfaces', () => {
	const devices = ['eth0', 'lo', 'veth-a'];
	expect(completion('expression', 'udp and po', 10, devices)).toBe('rt');
	expect(completion('expression', 'not (ho', 7, devices)).toBe('st');
	expect(completion('expression', 'udp ', 4, devices)).toBe('');
	expect(completion('expression', 'po', 1, devices)).toBe('');
	expect(completion('protocol', 'ic', 2, devices)).toBe('mp');
	expect(completion('device', 've', 2, devices)).toBe('th-a');
	expect(completion('port', '80', 2, devices)).toBe('');
});
