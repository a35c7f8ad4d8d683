/* SPDX-License-Identifier: Apache-2.0 */
#include "vm.h"
#include <axalloc/heap.h>
#include <axstd/error.h>

static void (*notify_hook)(struct vm *vm);
static void (*drain_hook)(struct vm *vm);

void vm_console_set_hooks(void (*notify)(struct vm *vm), void (*drain)(struct vm *vm))
{
	notify_hook = notify;
	drain_hook = drain;
}

int vm_console_init(struct vm *vm)
{
	struct vm_console *c = &vm->console;
	char *output = kmalloc(VM_CONSOLE_OUTPUT_SIZE);
	char *input = kmalloc(VM_CONSOLE_INPUT_SIZE);

	if (!output || !input) {
		kfree(output);
		kfree(input);
		return -AX_ENOMEM;
	}
	ring_init(&c->output, output, VM_CONSOLE_OUTPUT_SIZE);
	ring_init(&c->input, input, VM_CONSOLE_INPUT_SIZE);
	return 0;
}

void vm_console_free(struct vm *vm)
{
	kfree(vm->console.output.data);
	kfree(vm->console.input.data);
}

/* What the guest wrote before a reset can still be read; what it did not read is not for its successor. */
void vm_console_reset(struct vm *vm)
{
	struct vm_console *c = &vm->console;
	uint64_t flags = spin_lock_irqsave(&c->lock);

	ring_init(&c->input, c->input.data, VM_CONSOLE_INPUT_SIZE);
	spin_unlock_irqrestore(&c->lock, flags);
}

/* A byte from the guest. On the exit path, interrupts off. */
static void put_byte(void *opaque, uint8_t byte)
{
	struct vm *vm = opaque;
	struct vm_console *c = &vm->console;
	bool first;

	spin_lock(&c->lock);
	if (c->attached && !ring_free(&c->output) && drain_hook) {
		spin_unlock(&c->lock);
		drain_hook(vm);
		spin_lock(&c->lock);
	}
	first = !ring_used(&c->output);
	c->lost += ring_overwrite(&c->output, &byte, 1);
	spin_unlock(&c->lock);
	if (first && notify_hook)
		notify_hook(vm);
}

void vm_console_flush(struct vm *vm)
{
	size_t pieces = 0;

	if (!vm->console.attached || !drain_hook)
		return;
	/* Once even if nothing is there: the last piece may be on its way. Bounded: a vCPU may go on writing. */
	do
		drain_hook(vm);
	while (vm_console_pending(vm) && ++pieces < VM_CONSOLE_OUTPUT_SIZE);
}

static int get_byte(void *opaque)
{
	struct vm *vm = opaque;
	struct vm_console *c = &vm->console;
	uint64_t flags = spin_lock_irqsave(&c->lock);
	uint8_t byte;
	int ret = ring_read(&c->input, &byte, 1) ? byte : -1;

	spin_unlock_irqrestore(&c->lock, flags);
	return ret;
}

const struct console_backend *vm_console_backend(struct vm *vm, struct console_backend *backend)
{
	*backend = (struct console_backend){ .put = put_byte, .get = get_byte, .opaque = vm };
	return backend;
}

size_t vm_console_read(struct vm *vm, char *buffer, size_t len)
{
	struct vm_console *c = &vm->console;
	uint64_t flags = spin_lock_irqsave(&c->lock);
	size_t n = ring_read(&c->output, buffer, len);

	spin_unlock_irqrestore(&c->lock, flags);
	return n;
}

bool vm_console_pending(struct vm *vm)
{
	return ring_used(&vm->console.output) != 0;
}

size_t vm_console_write(struct vm *vm, const char *buffer, size_t len)
{
	struct vm_console *c = &vm->console;
	uint64_t flags = spin_lock_irqsave(&c->lock);
	size_t n = ring_write(&c->input, buffer, len);

	spin_unlock_irqrestore(&c->lock, flags);
	if (c->uart)
		c->uart->rx_ready(c->uart);
	return n;
}

void vm_console_attach(struct vm *vm, bool attached)
{
	struct vm_console *c = &vm->console;
	uint64_t flags = spin_lock_irqsave(&c->lock);

	c->attached = attached;
	spin_unlock_irqrestore(&c->lock, flags);
}
