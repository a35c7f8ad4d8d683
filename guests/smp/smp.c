/* SPDX-License-Identifier: Apache-2.0 */
/* Several CPUs: on and off, atomics, inter-processor interrupts. */
#include <guest.h>
#include <arch.h>
#include <lock.h>

#include <stdatomic.h>

#define ROUNDS     5000
#define TIMEOUT_US 30000000

const char guest_name[] = "smp";

static atomic_uint running, stage;
static atomic_uint counter;
static unsigned plain_counter;
static struct lock lock;
static atomic_uint ipis[GUEST_MAX_CPUS];
static atomic_uint starts[GUEST_MAX_CPUS];
static uintptr_t argument_seen[GUEST_MAX_CPUS];

enum stages { STAGE_COUNT = 1, STAGE_LISTEN, STAGE_END };

static void received(unsigned irq)
{
	ipis[cpu_index()]++;
}

static bool wait_until(atomic_uint *value, unsigned wanted)
{
	uint64_t start = clock_read();

	while (*value < wanted) {
		if (clock_read() - start > TIMEOUT_US / 1000000 * clock_frequency())
			return false;
		cpu_relax();
	}
	return true;
}

static void count(void)
{
	unsigned i;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t flags;

		counter++;
		flags = lock_take(&lock);
		plain_counter++;
		lock_release(&lock, flags);
	}
}

static void other(void *arg)
{
	unsigned self = cpu_index();

	argument_seen[self] = (uintptr_t)arg;
	starts[self]++;
	running++;
	while (stage < STAGE_COUNT)
		cpu_relax();
	count();
	running++;
	interrupts_on();
	while (stage < STAGE_END) {
		interrupts_off();
		if (stage < STAGE_END)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
	running++;
}

static void start_all(void)
{
	unsigned cpu, failed = 0, self = cpu_index();

	running = 0;
	stage = 0;
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		if (cpu != self && cpu_start(cpu, other, (void *)(uintptr_t)(cpu + 100)))
			failed++;
	}
	check_eq("cpu-on", failed, 0);
	if (!check(wait_until(&running, machine.cpu_count - 1), "all-run", "expected %u others, got %u",
		   machine.cpu_count - 1, running))
		check_finish();
}

static void check_atomics(void)
{
	counter = 0;
	plain_counter = 0;
	running = 0;
	stage = STAGE_COUNT;
	count();
	check(wait_until(&running, machine.cpu_count - 1), "all-counted", "got %u", running);
	check_eq("atomic-counter", counter, ROUNDS * machine.cpu_count);
	check_eq("locked-counter", plain_counter, ROUNDS * machine.cpu_count);
}

/* To one, to oneself, to all others. */
static void check_ipis(void)
{
	unsigned cpu, missing = 0, self = cpu_index();

	interrupts_on();
	stage = STAGE_LISTEN;
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		unsigned before = ipis[cpu];

		ipi_send(cpu);
		if (!wait_until(&ipis[cpu], before + 1))
			missing++;
	}
	check_eq("ipi-to-one", missing, 0);
	for (cpu = 0; cpu < machine.cpu_count; cpu++)
		ipis[cpu] = 0;
	ipi_send_others();
	for (cpu = 0, missing = 0; cpu < machine.cpu_count; cpu++) {
		if (cpu != self && !wait_until(&ipis[cpu], 1))
			missing++;
	}
	check_eq("ipi-to-others", missing, 0);
	check_eq("ipi-not-to-self", ipis[self], 0);
}

static void stop_all(const char *name, unsigned others)
{
	unsigned cpu, on = 0, self = cpu_index();
	uint64_t start = clock_read();

	running = 0;
	stage = STAGE_END;
	ipi_send_others();
	wait_until(&running, others);
	for (cpu = 0; cpu < machine.cpu_count; cpu++) {
		while (cpu != self && !cpu_is_off(cpu) && clock_read() - start < 30 * clock_frequency())
			cpu_relax();
		on += cpu != self && !cpu_is_off(cpu);
	}
	check_eq(name, on, 0);
}

/* Two CPUs throw a message back and forth: each hit is a sleep, an interrupt and a wake-up. */
static atomic_uint pings;

static void ping(unsigned irq)
{
	pings++;
	ipi_send(cpu_index() ? 0 : 1);
}

static void listener(void *arg)
{
	running++;
	while (stage < STAGE_END) {
		interrupts_off();
		if (stage < STAGE_END)
			wait_for_interrupt();
		interrupts_on();
	}
	interrupts_off();
	running++;
}

static void check_ping_pong(void)
{
	running = 0;
	stage = 0;
	ipi_handle(ping);
	check_eq("ping-on", cpu_start(1, listener, NULL), 0);
	wait_until(&running, 1);
	interrupts_on();
	ipi_send(1);
	check(wait_until(&pings, 500), "ping-pong", "expected 500 rounds, got %u", pings);
	interrupts_off();
	ipi_handle(received);
	stop_all("ping-off", 1);
	interrupts_on();
}

void guest_main(void)
{
	unsigned cpu, wrong = 0, self = cpu_index();

	print("smp: %u CPUs\n", machine.cpu_count);
	ipi_handle(received);
	for (cpu = 0; cpu < machine.cpu_count; cpu++)
		wrong += cpu != self && !cpu_is_off(cpu);
	check_eq("others-are-off", wrong, 0);
	check_eq("self-is-on", cpu_is_off(self), 0);
	start_all();
	for (cpu = 0, wrong = 0; cpu < machine.cpu_count; cpu++)
		wrong += cpu != self && argument_seen[cpu] != cpu + 100;
	check_eq("argument", wrong, 0);
	check_atomics();
	check_ipis();
	stop_all("all-off", machine.cpu_count - 1);
	start_all();
	check_atomics();
	stop_all("all-off-again", machine.cpu_count - 1);
	for (cpu = 0, wrong = 0; cpu < machine.cpu_count; cpu++)
		wrong += cpu != self && starts[cpu] != 2;
	check_eq("started-twice", wrong, 0);
	if (machine.cpu_count > 1)
		check_ping_pong();
}
