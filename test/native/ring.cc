/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring reader of the addon beside threads that write as the kernel does (write_record of bpf/emit.h): every record comes
 * once, whole and in order, and what did not fit is where the loss says. Built with a sanitizer (scripts/sanitize), which
 * ends it at a data race.
 */
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <sched.h>
#include <unistd.h>

#include "ring.h"

static constexpr uint32_t SLOTS = 1024;
static constexpr uint32_t RECORDS = 40000; /* of each writer: many times around its ring */
static constexpr int CPUS = 18;            /* the last two have a writer of their own, the others a task that goes round */
static constexpr uint32_t LOST = 1000;     /* at least, of a writer that does not wait */
enum { WANDERER, INTERRUPTED, HURRIED, WRITERS };
static constexpr size_t WORDS = (RECORD_SIZE_IPV6 + RECORD_SIZE_TCP) / sizeof(uint64_t);

/* For the reader's map of the kernel: at the address that the writers use, by which ThreadSanitizer knows memory. */
static slot memory[SLOTS * CPUS];

Mapping::~Mapping() = default;

std::string Mapping::map(int, size_t bytes)
{
	at_ = bytes == sizeof memory ? memory : nullptr;
	return at_ ? "" : "not the size of the rings";
}

/* One CPU's ring. */
struct Cpu {
	slot *slots = nullptr;
	uint64_t head = 0;

	uint64_t *free_slot(uint64_t n)
	{
		auto *word = reinterpret_cast<uint64_t *>(slots[n % SLOTS].word);
		return __atomic_load_n(word, __ATOMIC_ACQUIRE) ? nullptr : word;
	}
};

[[noreturn]] static void fail(const char *what, uint32_t writer, uint64_t number, uint64_t other = 0)
{
	fprintf(stderr, "%s: writer %u, record %lu, %lu\n", what, writer, number, other);
	exit(1);
}

static uint64_t now()
{
	timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static const uint64_t BASE = now();

static uint64_t mix(uint64_t n)
{
	n = (n ^ n >> 30) * 0xbf58476d1ce4e5b9;
	n = (n ^ n >> 27) * 0x94d049bb133111eb;
	return n ^ n >> 31;
}

/* A record of which all but the time follows from writer and number, so that whoever reads it knows each of its bits. */
struct Made {
	uint64_t word[WORDS] = {};
	size_t size;

	Made(uint32_t writer, uint32_t number, uint64_t time, bool names)
	{
		static const uint8_t KINDS[] = {RECORD_CALL, RECORD_OPEN, RECORD_MARK, RECORD_DROP, RECORD_LIFE, RECORD_TASK};
		uint64_t seed = mix(uint64_t{writer} << 32 | number);
		uint64_t kind = KINDS[seed % (names ? 6 : 5)], flags = seed >> 8 & (FLAG_TCP | FLAG_PACKET);
		for (size_t i = 1; i < WORDS; i++)
			word[i] = mix(seed + i);
		word[0] = kind | flags << 8 | uint64_t{writer} << 16 | uint64_t{number} << 32;
		auto *r = reinterpret_cast<record *>(word);
		r->packet.family = seed >> 16 & 1 ? FAMILY_IPV6 : FAMILY_IPV4;
		if (seed >> 17 & 1)
			memset(r->packet.saddr6, 0, sizeof r->packet.saddr6); /* ::1, what begins its second slot is 0 */
		if (kind <= RECORD_DROP) {
			bool call = kind == RECORD_CALL || kind == RECORD_OPEN;
			uint64_t lasted = call ? std::min<uint64_t>(seed >> 20 & 0xfff, time) : 0;
			r->begin = (time - lasted) | (flags & FLAG_PACKET ? seed << PACKET_BEGIN_BITS : 0);
			r->duration = lasted | (flags & FLAG_PACKET ? seed << PACKET_DURATION_BITS : 0);
		} else if (kind == RECORD_LIFE) {
			word[1] = time;
		}
		size = record_size(reinterpret_cast<const uint8_t *>(word));
	}

	/* A loss record. */
	Made(uint32_t writer, uint64_t time, uint64_t count)
	{
		word[0] = RECORD_LOSS | uint64_t{writer} << 16;
		word[1] = time;
		word[2] = count;
		size = sizeof(record_loss);
	}

	/* The time of a record that was read. */
	static uint64_t time(const uint64_t *word)
	{
		auto *r = reinterpret_cast<const record *>(word);
		bool numbered = r->kind <= RECORD_DROP && r->flags & FLAG_PACKET;
		uint64_t begin = numbered ? r->begin & ((1ull << PACKET_BEGIN_BITS) - 1) : r->begin;
		uint64_t lasted = numbered ? r->duration & ((1ull << PACKET_DURATION_BITS) - 1) : r->duration;
		return r->kind == RECORD_CALL || r->kind == RECORD_OPEN ? begin + lasted : begin;
	}
};

/* A place in a ring, claimed and still to be written. */
struct Claim {
	uint64_t *to = nullptr, *more = nullptr;

	Claim(Cpu *cpu, const Made &made)
	{
		bool two = made.size > sizeof(slot);
		uint64_t *first = cpu->free_slot(cpu->head), *second = two ? cpu->free_slot(cpu->head + 1) : first;
		if (!first || !second)
			return;
		to = first;
		more = two ? second : nullptr;
		cpu->head += two ? 2 : 1;
	}

	/* The first word last; what is behind it is then there. */
	void write(const Made &made) const
	{
		if (more)
			memcpy(more, made.word + 8, made.size - sizeof(slot));
		memcpy(to + 1, made.word + 1, std::min(made.size, sizeof(slot)) - sizeof *to);
		__atomic_store_n(to, made.word[0], __ATOMIC_RELEASE);
	}
};

static Claim wait_for_room(Cpu *cpu, const Made &made)
{
	for (;;) {
		Claim claim(cpu, made);
		if (claim.to)
			return claim;
		sched_yield();
	}
}

/* A task that goes from CPU to CPU: later records have later times, and the one before is in its ring by then. */
static void wander(uint32_t writer, Cpu *cpus, int count)
{
	uint64_t last = 0;
	for (uint32_t n = 0; n < RECORDS; n++) {
		Cpu *cpu = &cpus[mix(n) % count];
		while (now() - BASE <= last)
			;
		last = now() - BASE;
		Made made(writer, n, last, false);
		wait_for_room(cpu, made).write(made);
	}
}

/* A CPU on which interrupts come between claiming and writing: the record behind is there first. */
static void interrupted(uint32_t writer, Cpu *cpu)
{
	for (uint32_t n = 0; n < RECORDS; n += 2) {
		Made outer(writer, n, now() - BASE, true), inner(writer, n + 1, now() - BASE, true);
		Claim first = wait_for_room(cpu, outer);
		if (Claim second(cpu, inner); second.to) {
			second.write(inner);
			first.write(outer);
		} else {
			first.write(outer);
			wait_for_room(cpu, inner).write(inner);
		}
	}
}

/* What a writer did that does not wait. */
struct Account {
	uint64_t tried = 0, lost = 0, untold = 0;
};

/* A CPU that does not wait, until that was often enough: what finds no room is counted, and told as soon as there is some. */
static Account hurried(uint32_t writer, Cpu *cpu, std::atomic<bool> *enough)
{
	Account account;
	auto written = [&](const Made &made) {
		Claim claim = account.lost < LOST ? Claim(cpu, made) : wait_for_room(cpu, made);
		if (claim.to)
			claim.write(made);
		return claim.to != nullptr;
	};
	for (uint32_t after = 0; after < RECORDS; account.tried++) {
		if (account.untold && written(Made(writer, now() - BASE, account.untold)))
			account.untold = 0;
		if (!written(Made(writer, account.tried, now() - BASE, true)))
			account.lost++, account.untold++;
		if (account.lost >= LOST)
			*enough = true, after++;
	}
	return account;
}

/* What is read, compared with what was written. */
class Reading {
public:
	explicit Reading(uint32_t writers) : next_(writers), came_(writers), told_(writers) {}

	void take(RingReader *reader, size_t size)
	{
		buffer_.resize(size / sizeof(uint64_t));
		auto *bytes = reinterpret_cast<uint8_t *>(buffer_.data());
		while (size_t length = reader->drain(bytes, size)) {
			if (length > size)
				fail("more bytes than there is room", 0, length);
			for (size_t at = 0, step; at < length; at += step) {
				step = record_size(bytes + at);
				if (!step || at + step > length)
					fail("no whole record", 0, at, length);
				check(buffer_.data() + at / sizeof(uint64_t), step);
			}
		}
	}

	uint64_t came(uint32_t writer) const { return came_[writer]; }
	uint64_t told(uint32_t writer) const { return told_[writer]; } /* as lost */
	uint64_t events() const { return events_; }

private:
	void check(const uint64_t *word, size_t size)
	{
		uint32_t writer = word[0] >> 16 & 0xffff, number = word[0] >> 32;
		uint8_t kind = word[0] & 0xff;
		if (writer >= next_.size())
			fail("no such writer", writer, number);
		if (kind == RECORD_LOSS) {
			told_[writer] += word[2];
			return;
		}
		if (writer == HURRIED ? number < next_[writer] : number != next_[writer])
			fail("not the next one", writer, number, next_[writer]);
		next_[writer] = number + 1;
		came_[writer]++;
		events_ += kind == RECORD_CALL || kind == RECORD_MARK || kind == RECORD_DROP;
		Made made(writer, number, Made::time(word), writer != WANDERER);
		if (size != made.size || memcmp(word, made.word, size))
			fail("torn", writer, number);
	}

	std::vector<uint64_t> next_, came_, told_, buffer_;
	uint64_t events_ = 0;
};

/* A reader that is far behind: of the oldest, calls and marks go and are counted, and nothing else does. */
static void skipping()
{
	static constexpr size_t KEEP = 1 << 16;
	memset(memory, 0, sizeof memory);
	Cpu cpu{memory};
	RingReader reader;
	if (std::string error = reader.start(-1, CPUS, SLOTS, size_t{1} << 30, BASE); !error.empty())
		fail(error.c_str(), 0, 0);
	auto is_event = [](uint64_t word) {
		return (word & 0xff) == RECORD_CALL || (word & 0xff) == RECORD_MARK || (word & 0xff) == RECORD_DROP;
	};
	uint64_t events = 0, others = 0, kept = 0, gone = 0, after = 0;
	for (uint32_t n = 0; n < RECORDS; n++) {
		Made made(INTERRUPTED, n, now() - BASE, true);
		wait_for_room(&cpu, made).write(made);
		events += is_event(made.word[0]);
		others += (made.word[0] & 0xff) == RECORD_LIFE || (made.word[0] & 0xff) == RECORD_TASK;
	}
	reader.stop();
	std::vector<uint64_t> buffer((1 << 16) / sizeof(uint64_t));
	auto *bytes = reinterpret_cast<uint8_t *>(buffer.data());
	uint32_t last = 0;
	while (size_t length = reader.drain(bytes, 1 << 16, KEEP)) {
		for (size_t at = 0; at < length; at += record_size(bytes + at)) {
			uint64_t *word = buffer.data() + at / sizeof(uint64_t);
			uint32_t number = word[0] >> 32;
			if ((word[0] & 0xff) == RECORD_LOSS) {
				if ((word[0] >> 16 & 0xffff) != LOSS_BEHIND)
					fail("a loss of another cause", 0, word[0]);
				gone += word[2];
				after = 0;
				continue;
			}
			if (number < last)
				fail("older than the one before", 0, number, last);
			last = number;
			others -= (word[0] & 0xff) == RECORD_LIFE || (word[0] & 0xff) == RECORD_TASK;
			kept += is_event(word[0]);
			after++;
		}
	}
	if (kept + gone != events || !gone || others)
		fail("not all were kept or counted", 0, kept + gone, events);
	if (last != RECORDS - 1 || !after)
		fail("the newest are not there", 0, last, after);
	if (kept * RECORD_SIZE_IPV4 > KEEP)
		fail("more than was to be kept", 0, kept);
	if (reader.waiting())
		fail("something waits", 0, reader.waiting());
	printf("%lu of %lu events skipped\n", gone, events);
}

int main()
{
	alarm(300); /* a reader that loses its place would be waited for */
	std::vector<Cpu> cpus(CPUS);
	for (int i = 0; i < CPUS; i++)
		cpus[i].slots = memory + SLOTS * i;
	RingReader reader;
	/* Less than the rings hold, so that what waits stays there. */
	if (std::string error = reader.start(-1, CPUS, SLOTS, sizeof memory / 8, BASE); !error.empty())
		fail(error.c_str(), 0, 0);
	std::atomic<int> left{WRITERS};
	std::atomic<bool> enough{false};
	Account account;
	std::deque<Thread> writers(WRITERS);
	writers[WANDERER].start([&] { wander(WANDERER, cpus.data(), CPUS - 2), left--; });
	writers[INTERRUPTED].start([&] { interrupted(INTERRUPTED, &cpus[CPUS - 2]), left--; });
	writers[HURRIED].start([&] { account = hurried(HURRIED, &cpus[CPUS - 1], &enough), left--; });
	Reading reading(WRITERS);
	while (!enough)
		sched_yield();
	for (size_t size = WORDS * sizeof(uint64_t); left; size = size % (1 << 20) * 3 / 16 * 16 + 128) {
		reading.take(&reader, size);
		reader.fullest();
		reader.waiting();
		sched_yield();
	}
	writers.clear();
	reader.stop();
	reading.take(&reader, 1 << 20);

	for (uint32_t writer : {WANDERER, INTERRUPTED})
		if (reading.came(writer) != RECORDS)
			fail("not all came", writer, reading.came(writer), RECORDS);
	if (reading.came(HURRIED) + account.lost != account.tried)
		fail("not all came or were lost", HURRIED, reading.came(HURRIED), account.tried);
	if (reading.told(HURRIED) + account.untold != account.lost)
		fail("not all losses came", HURRIED, reading.told(HURRIED), account.lost);
	if (reading.events() != reader.events() || reader.waiting())
		fail("counted otherwise", 0, reading.events(), reader.events());
	printf("%lu records, %lu lost\n", reading.came(0) + reading.came(1) + reading.came(2), account.lost);
	skipping();
}
