/* SPDX-License-Identifier: Apache-2.0 */
/* Echoes what it receives, by interrupt; Ctrl+D ends it. For tests of the console. */
#include <guest.h>
#include <arch.h>

#include <stdatomic.h>

#define END 4

const char guest_name[] = "echo";

static atomic_uint received;
static atomic_bool ended;

static void receive(unsigned irq)
{
	int c;

	while ((c = console_getc()) >= 0) {
		if (c == END)
			ended = true;
		else if (c == '\r')
			print("\n");
		else
			print("%c", c);
		received++;
	}
}

void guest_main(void)
{
	unsigned irq = console_irq();

	irq_handle(irq, receive);
	irq_enable(irq);
	print("echo ready\n");
	while (!ended) {
		interrupts_off(); /* between the look at the flag and WFI nothing is lost */
		if (!ended)
			wait_for_interrupt();
		interrupts_on();
	}
	check(received > 1, "echo", "expected more than %u characters", received);
}
