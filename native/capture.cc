/* SPDX-License-Identifier: GPL-2.0-only */
#include "capture.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <sys/socket.h> /* before linux/if.h, which needs its types */
#include <linux/filter.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "thread.h"

/* A ring: 32 MiB. A block is shown to us when it is full, or after some milliseconds. */
static constexpr unsigned BLOCK = 1 << 19, BLOCKS = 64, LATE_MS = 5;
/* The kernel wants some frame size that divides a block, though its frames have the size they need. */
static constexpr unsigned FRAME = 2048;
static constexpr unsigned VLAN_BYTES = 4, MAC_BYTES = 12;

/* What goes out on loopback comes in there again. */
static sock_filter no_echo[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 2),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_HATYPE)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_LOOPBACK, 1, 0),
	BPF_STMT(BPF_RET | BPF_K, Capture::SNAP),
	BPF_STMT(BPF_RET | BPF_K, 0),
};

int64_t wall_offset()
{
	/* The narrowest of some looks: a thread may lose its CPU between two clocks. */
	int64_t offset = 0, narrowest = INT64_MAX;
	for (int i = 0; i < 8; i++) {
		timespec before, wall, after;
		clock_gettime(CLOCK_MONOTONIC, &before);
		clock_gettime(CLOCK_REALTIME, &wall);
		clock_gettime(CLOCK_MONOTONIC, &after);
		int64_t from = before.tv_sec * 1000000000ll + before.tv_nsec;
		int64_t width = after.tv_sec * 1000000000ll + after.tv_nsec - from;
		if (width >= narrowest)
			continue;
		narrowest = width;
		offset = wall.tv_sec * 1000000000ll + wall.tv_nsec - (from + width / 2);
	}
	return offset;
}

static std::string failed(const char *what)
{
	return std::string(what) + ": " + strerror(errno);
}

std::string Capture::open_ring(Ring *ring)
{
	/* Without a protocol nothing comes in before all is set. */
	Fd fd(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
	if (!fd.ok())
		return failed("a packet socket");
	int version = TPACKET_V3;
	sock_fprog program = {sizeof no_echo / sizeof *no_echo, no_echo};
	tpacket_req3 request = {};
	request.tp_block_size = BLOCK;
	request.tp_block_nr = BLOCKS;
	request.tp_frame_size = FRAME;
	request.tp_frame_nr = BLOCK / FRAME * BLOCKS;
	request.tp_retire_blk_tov = LATE_MS;
	if (setsockopt(fd.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ||
	    setsockopt(fd.get(), SOL_PACKET, PACKET_VERSION, &version, sizeof version) ||
	    setsockopt(fd.get(), SOL_PACKET, PACKET_RX_RING, &request, sizeof request))
		return failed("setting up a packet socket");
	std::string error = ring->blocks.map(fd.get(), size_t{BLOCK} * BLOCKS);
	if (!error.empty())
		return error;
	sockaddr_ll all = {};
	all.sll_family = AF_PACKET;
	all.sll_protocol = htons(ETH_P_ALL);
	if (bind(fd.get(), reinterpret_cast<sockaddr *>(&all), sizeof all))
		return failed("binding a packet socket");
	ring->fd = std::move(fd);
	return "";
}

std::string Capture::open(const std::vector<std::string> &namespaces)
{
	for (const std::string &path : namespaces) {
		auto ring = std::make_unique<Ring>();
		std::string error;
		if (path.empty()) {
			error = open_ring(ring.get());
		} else {
			/* A namespace belongs to a thread; a socket stays in the one in which it was made. */
			Thread thread;
			int refused = thread.start([&] {
				Fd ns(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
				if (!ns.ok() || setns(ns.get(), CLONE_NEWNET))
					error = failed(path.c_str());
				else
					error = open_ring(ring.get());
			});
			thread.join();
			if (refused)
				error = std::string("cannot start a thread: ") + strerror(refused);
		}
		if (!error.empty())
			return error;
		rings_.push_back(std::move(ring));
	}
	return "";
}

static tpacket_hdr_v1 *header(const Mapping &blocks, unsigned block)
{
	return &reinterpret_cast<tpacket_block_desc *>(blocks.as<uint8_t>() + size_t{BLOCK} * block)->hdr.bh1;
}

/* Begins to read the next block. False: the kernel has it still. */
bool Capture::begin(Ring *ring)
{
	tpacket_hdr_v1 *h = header(ring->blocks, ring->block);
	if (!(__atomic_load_n(&h->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
		return false;
	ring->left = h->num_pkts;
	ring->next = ring->blocks.as<uint8_t>() + size_t{BLOCK} * ring->block + h->offset_to_first_pkt;
	if (!ring->left)
		finish(ring);
	return true;
}

/* Gives the block back. */
void Capture::finish(Ring *ring)
{
	tpacket_hdr_v1 *h = header(ring->blocks, ring->block);
	ring->last = h->ts_last_pkt.ts_sec * 1000000000ull + h->ts_last_pkt.ts_nsec;
	h->num_pkts = 0; /* until() must not take what was in it for what is */
	__atomic_store_n(&h->block_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
	ring->block = (ring->block + 1) % BLOCKS;
}

/* Copies one frame; the number of bytes. */
static size_t copy(const tpacket3_hdr *h, uint8_t socket, int64_t offset, uint8_t *to)
{
	auto *head = reinterpret_cast<captured *>(to);
	auto *from = reinterpret_cast<const uint8_t *>(h);
	auto *device = reinterpret_cast<const sockaddr_ll *>(from + TPACKET_ALIGN(sizeof *h));
	const uint8_t *bytes = from + h->tp_mac;
	uint8_t *out = to + sizeof *head;
	*head = {};
	head->time = h->tp_sec * 1000000000ll + h->tp_nsec - offset;
	head->wire = h->tp_len;
	head->length = std::min(h->tp_snaplen, Capture::SNAP);
	head->ifindex = device->sll_ifindex;
	head->hatype = device->sll_hatype;
	head->type = device->sll_pkttype;
	head->socket = socket;
	/* The kernel has taken a tag out of the frame: it goes back to where it was. */
	if (h->tp_status & TP_STATUS_VLAN_VALID && device->sll_hatype == ARPHRD_ETHER && head->length >= MAC_BYTES) {
		uint16_t tag[2] = {htons(h->tp_status & TP_STATUS_VLAN_TPID_VALID ? h->hv1.tp_vlan_tpid : ETH_P_8021Q),
				   htons(h->hv1.tp_vlan_tci)};
		memcpy(out, bytes, MAC_BYTES);
		memcpy(out + MAC_BYTES, tag, VLAN_BYTES);
		memcpy(out + MAC_BYTES + VLAN_BYTES, bytes + MAC_BYTES, head->length - MAC_BYTES);
		head->length += VLAN_BYTES;
		head->wire += VLAN_BYTES;
	} else {
		memcpy(out, bytes, head->length);
	}
	return (sizeof *head + head->length + 7) & ~size_t{7};
}

size_t Capture::drain(uint8_t *to, size_t size)
{
	int64_t offset = wall_offset();
	size_t used = 0;
	for (unsigned i = 0; i < rings_.size(); i++) {
		Ring *ring = rings_[i].get();
		while (size - used >= LARGEST && (ring->left || begin(ring))) {
			if (!ring->left)
				continue;
			auto *h = reinterpret_cast<const tpacket3_hdr *>(ring->next);
			used += copy(h, i, offset, to + used);
			ring->next += h->tp_next_offset;
			if (!--ring->left)
				finish(ring);
		}
	}
	return used;
}

uint64_t Capture::until() const
{
	timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	uint64_t until = t.tv_sec * 1000000000ull + t.tv_nsec;
	int64_t offset = wall_offset();
	for (const auto &ring : rings_) {
		const tpacket_hdr_v1 *h = header(ring->blocks, ring->block);
		bool full = ring->left || __atomic_load_n(&h->block_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER;
		/* The kernel counts a frame before it writes it: with none in the block that it has, nothing waits there. */
		if (full || __atomic_load_n(&h->num_pkts, __ATOMIC_ACQUIRE))
			until = std::min(until, ring->last ? ring->last - offset : 0);
	}
	return until;
}

uint64_t Capture::dropped()
{
	for (const auto &ring : rings_) {
		tpacket_stats_v3 stats = {}; /* since they were asked for last */
		socklen_t length = sizeof stats;
		if (!getsockopt(ring->fd.get(), SOL_PACKET, PACKET_STATISTICS, &stats, &length))
			dropped_ += stats.tp_drops;
	}
	return dropped_;
}

std::string Capture::device(unsigned socket, unsigned ifindex)
{
	ifreq request = {};
	request.ifr_ifindex = ifindex;
	if (socket >= rings_.size() || ioctl(rings_[socket]->fd.get(), SIOCGIFNAME, &request))
		return "";
	return std::string(request.ifr_name, strnlen(request.ifr_name, sizeof request.ifr_name));
}
