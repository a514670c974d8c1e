/** Ways that packets take through devices that are made of other devices: how to lay them between two namespaces. */
import {execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import type {Namespace} from './net.js';

/** Two hosts, and a third between them. */
export interface Hosts {
	readonly a: Namespace;
	readonly b: Namespace;
	readonly middle: Namespace;
}

/** Gives both ends of `device` their addresses, usable at once. */
function addresses({a, b}: Hosts, device: string, mine: string, theirs: string): void {
	for (const [host, address] of [
		[a, mine],
		[b, theirs],
	] as const) {
		host.ip('address', 'add', address, 'dev', device, 'nodad');
		host.ip('link', 'set', device, 'up');
	}
}

/** From now on the namespace's devices do without IPv6. */
export function withoutIpv6(host: Namespace): void {
	for (const which of ['all', 'default']) {
		host.run('sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${which}/disable_ipv6`);
	}
}

/** VLAN 5 on a veth pair. */
export function vlan(hosts: Hosts): void {
	hosts.a.connect(hosts.b, 'veth-l', 'veth-l', []);
	for (const host of [hosts.a, hosts.b])
		host.ip('link', 'add', 'link', 'veth-l', 'name', 'vlan5', 'type', 'vlan', 'id', '5');
	addresses(hosts, 'vlan5', '10.30.131.1/24', '10.30.131.2/24');
}

/** A bridge in the namespace between. */
export function bridge({a, b, middle}: Hosts): void {
	middle.ip('link', 'add', 'bridge0', 'type', 'bridge');
	middle.ip('link', 'set', 'bridge0', 'up');
	for (const [host, port, address] of [
		[a, 'port-a', '10.30.132.1/24'],
		[b, 'port-b', '10.30.132.2/24'],
	] as const) {
		host.connect(middle, 'veth-b', port, []);
		host.ip('address', 'add', address, 'dev', 'veth-b');
		middle.ip('link', 'set', port, 'master', 'bridge0');
	}
}

/** A tunnel over a veth pair of its own. `options` follow `ip link add`, LOCAL and REMOTE replaced. */
function tunnel(hosts: Hosts, under: string, device: string, subnet: number, options: string): void {
	hosts.a.connect(hosts.b, under, under, [[`10.30.${subnet}.1/24`, `10.30.${subnet}.2/24`]]);
	for (const [host, local, remote] of [
		[hosts.a, 1, 2],
		[hosts.b, 2, 1],
	] as const) {
		const words = options.replace('LOCAL', `10.30.${subnet}.${local}`).replace('REMOTE', `10.30.${subnet}.${remote}`);
		host.ip('link', 'add', device, 'type', ...words.split(' '));
	}
	addresses(hosts, device, `10.30.${subnet + 1}.1/24`, `10.30.${subnet + 1}.2/24`);
}

export function vxlan(hosts: Hosts): void {
	tunnel(hosts, 'veth-x', 'vxlan7', 133, 'vxlan id 7 local LOCAL remote REMOTE dstport 4789');
	// Neighbours that are known for good: their ARP packets would be datagrams, too.
	for (const [host, address, mac] of [
		[hosts.a, '10.30.134.2', '02:00:00:00:00:02'],
		[hosts.b, '10.30.134.1', '02:00:00:00:00:01'],
	] as const) {
		const own = mac.endsWith('2') ? '02:00:00:00:00:01' : '02:00:00:00:00:02';
		host.ip('link', 'set', 'vxlan7', 'address', own);
		host.ip('neigh', 'replace', address, 'lladdr', mac, 'dev', 'vxlan7', 'nud', 'permanent');
	}
}

export function gre(hosts: Hosts): void {
	tunnel(hosts, 'veth-g', 'gre7', 135, 'gre local LOCAL remote REMOTE');
}

/**
 * A program at a tun device that sends echo requests from 10.30.137.2 into it and reads the answers: takes COUNT, the
 * namespace's kernel answers for 10.30.137.1.
 */
const TUN = `
import fcntl, os, select, socket, struct, subprocess, sys
tun = os.open('/dev/net/tun', os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack('16sH', b'tun7', 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
for words in ('address add 10.30.137.1/24 dev tun7', 'link set tun7 up'):
    subprocess.run(['ip'] + words.split(), check=True)
def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff
def packet(number):
    echo = struct.pack('!BBHHH', 8, 0, 0, 7, number)
    echo = struct.pack('!BBHHH', 8, 0, checksum(echo), 7, number)
    head = [0x45, 0, 28, number, 0, 64, 1, 0, socket.inet_aton('10.30.137.2'), socket.inet_aton('10.30.137.1')]
    head[7] = checksum(struct.pack('!BBHHHBBH4s4s', *head))
    return struct.pack('!BBHHHBBH4s4s', *head) + echo
for number in range(1, int(sys.argv[1]) + 1):
    os.write(tun, packet(number))
    while True:
        if not select.select([tun], [], [], 20)[0]:
            sys.exit('no answer')
        answer = os.read(tun, 2000)
        if answer[0] == 0x45 and answer[9] == 1 and answer[20] == 0 and answer[26:28] == struct.pack('!H', number):
            break
`;

/** Exchanges `count` echoes over a tun device in the namespace. */
export async function overTun(host: Namespace, count: number): Promise<void> {
	const command = ['netns', 'exec', host.name, 'python3', '-c', TUN, String(count)];
	const child = spawn('ip', command, {stdio: ['ignore', 'inherit', 'inherit']});
	const [code] = (await once(child, 'exit')) as [number];
	if (code !== 0) throw new Error(`the program at the tun device ended with ${code}`);
}

/** The kernel's modules for all of these; a namespace's user may not load them. */
export function loadModules(): void {
	for (const module of ['veth', '8021q', 'bridge', 'vxlan', 'ip_gre', 'tun']) execFileSync('modprobe', [module]);
}
