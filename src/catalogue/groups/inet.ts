import {fn, group, mark} from '../row.js';

export const INET = group('inet', 'socket', 'Sockets: system calls, the inet layer below them, waking and waiting.', [
	fn('none', '__sys_socket', {classic: 'sys_socket', sleeps: true})`
		System call socket: makes a socket and the file that stands for it.`,
	fn('none', 'inet_create', {classic: true})`
		Makes the IPv4 part of a socket and has its protocol prepare it.`,
	fn('none', '__sys_connect', {classic: 'sys_connect', sleeps: true})`
		System call connect.`,
	fn('none', 'inet_stream_connect', {classic: true, sleeps: true, late: true})`
		Connects a stream socket: starts the handshake and waits for its end.`,
	fn('none', 'inet_dgram_connect', {classic: true, sleeps: true, late: true})`
		Connects a datagram socket, which fixes the other side and sends nothing.`,
	fn('none', 'inet_bind', {classic: true, sleeps: true})`
		Gives a socket its local address and port.`,
	fn('none', 'inet_listen', {classic: true, sleeps: true})`
		Makes a stream socket wait for connections.`,
	fn('none', '__sys_accept4', {classic: 'sys_accept', sleeps: true})`
		System call accept.`,
	fn('none', 'inet_accept', {classic: true, sleeps: true, late: true})`
		Takes a finished connection, waiting for one if need be, and ties it to the new socket of the application.`,
	fn('out', '__sys_sendto', {classic: 'sys_sendto', sleeps: true})`
		System calls send and sendto.`,
	fn('out', '____sys_sendmsg', {classic: 'sys_sendmsg', sleeps: true})`
		System calls sendmsg and sendmmsg, once for each message.`,
	fn('out', 'sock_write_iter', {classic: 'sock_write', sleeps: true})`
		A write to a file that is a socket.`,
	fn('out', 'inet_sendmsg', {classic: true, sleeps: true})`
		Sends on an IPv4 socket: gives it a port if it has none, then calls its protocol.`,
	fn('in', '__sys_recvfrom', {classic: 'sys_recvfrom', sleeps: true})`
		System calls recv and recvfrom.`,
	fn('in', '___sys_recvmsg', {
		classic: 'sys_recvmsg',
		sleeps: true,
	})`
		System calls recvmsg and recvmmsg, once for each message.`,
	fn('in', 'sock_read_iter', {classic: 'sock_read', sleeps: true})`
		A read from a file that is a socket.`,
	fn('in', 'sock_recvmsg', {classic: true, sleeps: true})`
		Receives on a socket of any family, after security modules have agreed.`,
	fn('in', 'inet_recvmsg', {classic: true, sleeps: true, late: true})`
		Receives on an IPv4 socket: calls its protocol, which may wait for data.`,
	fn('none', 'inet_shutdown', {classic: true, sleeps: true})`
		Ends one or both directions of a connection while the socket stays.`,
	fn('none', 'inet_release', {classic: true, sleeps: true})`
		Closes an IPv4 socket: leaves its multicast groups and calls the close of its protocol.`,
	fn('in', 'sock_def_readable', {classic: true})`
		Wakes tasks that wait for something to read: data, a connection, or an error.`,
	fn('none', 'sock_def_wakeup', {classic: true})`
		Wakes tasks that wait for a change of state.`,
	fn('out', 'sk_stream_write_space', {classic: 'tcp_write_space'})`
		Wakes writers of a stream socket once a third of the send buffer is free again.`,
	fn('out', 'sock_def_write_space', {classic: true})`
		Wakes writers of a datagram socket once half of the send buffer is free again.`,
	fn('both', 'lock_sock_nested', {classic: 'lock_sock', sleeps: true})`
		Takes a socket for the calling task. Time in here was spent waiting for another task.`,
	fn('out', 'sk_stream_wait_memory', {layer: 'queue', classic: 'wait_for_tcp_memory', sleeps: true})`
		Waits until the send buffer of a stream socket has room again.`,
	fn('out', 'sock_alloc_send_pskb', {classic: 'sock_alloc_send_skb', sleeps: true})`
		Makes an skb that is charged to the send buffer, for raw, packet and corked UDP sockets; waits for room if need be.`,
	fn('none', 'sk_common_release', {classic: 'inet_sock_release', sleeps: true})`
		Ends a UDP, raw or ping socket at its close.`,
	fn('in', 'skb_copy_datagram_iter', {classic: 'skb_copy_datagram_iovec', sleeps: true})`
		Copies the payload of a packet to the application, whatever the protocol.`,
	mark('in', 'sk_data_ready', {absent: 'since 6.3'})`
		The moment at which readers of a socket are told that something has come.`,
	mark('out', 'sock_send_length', {absent: 'since 6.3'})`
		A send call has ended, with the number of bytes or the error.`,
	mark('in', 'sock_recv_length', {absent: 'since 6.3'})`
		A receive call has ended, with the number of bytes or the error.`,
	mark('in', 'inet_sk_error_report', {absent: 'since 5.14'})`
		A socket is told of an error: an ICMP message, a reset, or time that ran out.`,
]);
