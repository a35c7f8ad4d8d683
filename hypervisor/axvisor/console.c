/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The physical console, shared: its input goes to the shell or to one VM, its output comes from the shell, the log
 * and that VM.
 *
 *	Ctrl+X h	to the shell		Ctrl+X ]  Ctrl+X [	next, previous running VM
 *	Ctrl+X Ctrl+X	a literal Ctrl+X
 *
 * Two tasks: "console" takes input, edits and runs command lines; "conout" writes what the attached VM sends.
 */
#include "axvisor.h"
#include "console.h"
#include "editor.h"
#include <axalloc/heap.h>
#include <axhal/console.h>
#include <axhal/time.h>
#include <axstd/error.h>
#include <axstd/log.h>
#include <axstd/spinlock.h>
#include <axtask/mutex.h>
#include <axtask/task.h>
#include <axtask/timer.h>
#include <axvm/console.h>
#include <axvm/vm.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_KEY ('x' & 0x1f)

static struct wait_queue input_wait, output_wait;
static _Atomic bool output_ready;
static _Atomic bool switching;     /* the console changes hands: output waits */
static struct mutex attach_lock;   /* guards attached; output of a VM is written under it */
static struct spinlock write_lock; /* keeps a VM's output in order */
static struct vm *attached;        /* with a reference; NULL: the shell */
static bool prefix_seen;
static struct editor *editor;
static char prompt[FS_PATH_MAX + 16];

static void shell_write(struct shell *sh, const char *text, size_t len)
{
	console_write(text, len);
}

/*
 * Typed while a command runs: kept for the line after it, unless a ^C ends the command.
 */
#define INTERRUPT_KEY ('c' & 0x1f)

static struct {
	char bytes[SHELL_LINE_MAX];
	size_t len;
} ahead;

static bool interrupted(struct shell *sh)
{
	char typed[64];
	size_t n = console_read(typed, sizeof(typed));
	size_t room = sizeof(ahead.bytes) - ahead.len;

	if (memchr(typed, INTERRUPT_KEY, n)) {
		ahead.len = 0;
		return true;
	}
	n = MIN(n, room); /* no line is longer: the rest is dropped, and a ^C is seen all the same */
	memcpy(ahead.bytes + ahead.len, typed, n);
	ahead.len += n;
	return false;
}

static size_t next_input(char *buffer, size_t size)
{
	size_t n = MIN(ahead.len, size);

	if (!n)
		return console_read(buffer, size);
	memcpy(buffer, ahead.bytes, n);
	memmove(ahead.bytes, ahead.bytes + n, ahead.len - n);
	ahead.len -= n;
	return n;
}

static struct shell shell = { .cwd = "/", .write = shell_write, .interrupted = interrupted };

static void editor_write(void *arg, const char *text, size_t len)
{
	console_write(text, len);
}

static unsigned editor_complete(void *arg, const char *line, char *common, size_t size, bool list)
{
	return shell_complete(&shell, line, common, size, list);
}

static void start_line(void)
{
	snprintf(prompt, sizeof(prompt), "axvisor:%s$ ", shell.cwd);
	editor_start(editor, prompt);
}

/*
 * Output. Taken and written piece by piece under one lock, since a vCPU may do it as well.
 */
static size_t write_piece(struct vm *vm)
{
	char buffer[32];
	uint64_t flags = spin_lock_irqsave(&write_lock);
	size_t n = vm_console_read(vm, buffer, sizeof(buffer));

	console_write_raw(buffer, n);
	spin_unlock_irqrestore(&write_lock, flags);
	return n;
}

/* A vCPU finds its ring full: make room. One piece, as interrupts are off. */
static void drain(struct vm *vm)
{
	write_piece(vm);
}

/* A guest may write faster than this, for ever: who wants to switch does not wait for the end. */
static void write_out(struct vm *vm)
{
	while (write_piece(vm) && !switching)
		;
}

/* A VM has output: any context. */
static void on_output(struct vm *vm)
{
	atomic_store(&output_ready, true);
	wait_wake_all(&output_wait);
}

static void output_task(void *arg)
{
	for (;;) {
		wait_event(&output_wait, !switching && atomic_exchange(&output_ready, false));
		mutex_lock(&attach_lock);
		if (attached)
			write_out(attached);
		mutex_unlock(&attach_lock);
	}
}

/*
 * Who is connected.
 */
static void switch_to(struct vm *vm)
{
	struct vm *old;

	switching = true;
	mutex_lock(&attach_lock);
	old = attached;
	if (old)
		vm_console_attach(old, false);
	attached = vm;
	if (vm)
		vm_console_attach(vm, true);
	mutex_unlock(&attach_lock);
	switching = false;
	vm_put(old);
	on_output(vm);
}

void console_attach(struct vm *vm)
{
	char line[VM_NAME_MAX + 96];

	snprintf(line, sizeof(line), "[VM %u %s: Ctrl+X h leads back to the shell]\n", vm_id(vm), vm_name(vm));
	console_write(line, strlen(line));
	switch_to(vm);
}

static void to_shell(void)
{
	switch_to(NULL);
	console_write("\n", 1);
	start_line();
}

/* The next running VM in the order of ids (@step 1) or the one before (-1), round and round. */
static struct vm *neighbour(unsigned id, int step)
{
	struct vm *best = NULL, *wrap = NULL;

	for (struct vm *vm = vm_next(NULL); vm; vm = vm_next(vm)) {
		bool beyond = step > 0 ? vm_id(vm) > id : vm_id(vm) < id;
		struct vm **slot = beyond ? &best : &wrap;

		if (vm_get_state(vm) != VM_RUNNING)
			continue;
		/* Forwards the first of each kind counts, backwards the last. */
		if (*slot && step > 0)
			continue;
		vm_put(*slot);
		*slot = vm_find_id(vm_id(vm));
	}
	if (!best)
		return wrap;
	vm_put(wrap);
	return best;
}

static void to_neighbour(int step)
{
	struct vm *vm = neighbour(attached ? vm_id(attached) : 0, step);

	if (!vm)
		return;
	console_write("\n", 1);
	console_attach(vm);
}

/*
 * Input.
 */
static void feed_shell(uint8_t byte)
{
	enum editor_event event = editor_feed(editor, byte);

	if (event == EDITOR_NONE)
		return;
	if (event == EDITOR_LINE)
		shell_run(&shell, editor->line);
	if (!attached)
		start_line();
}

static void feed_target(uint8_t byte)
{
	char c = (char)byte;

	if (attached)
		vm_console_write(attached, &c, 1);
	else
		feed_shell(byte);
}

static void feed(uint8_t byte)
{
	if (!prefix_seen) {
		prefix_seen = byte == PREFIX_KEY;
		if (!prefix_seen)
			feed_target(byte);
		return;
	}
	prefix_seen = false;
	switch (byte) {
	case PREFIX_KEY: feed_target(byte); break;
	case 'h':
		if (attached)
			to_shell();
		break;
	case ']': to_neighbour(1); break;
	case '[': to_neighbour(-1); break;
	default: break;
	}
}

static void on_input(void)
{
	wait_wake_all(&input_wait);
}

/* The attached VM is gone for good: back to the shell. */
static bool attached_ended(void)
{
	enum vm_state state = attached ? vm_get_state(attached) : VM_RUNNING;

	return state == VM_STOPPED || state == VM_FAILED || state == VM_DESTROYED;
}

static void input_task(void *arg)
{
	char buffer[64];
	size_t n = 0;

	if (!attached)
		start_line();
	for (;;) {
		wait_event(&input_wait, (n = next_input(buffer, sizeof(buffer))) || attached_ended());
		for (size_t i = 0; i < n; i++)
			feed((uint8_t)buffer[i]);
		if (attached_ended()) {
			mutex_lock(&attach_lock);
			write_out(attached);
			mutex_unlock(&attach_lock);
			to_shell();
		}
	}
}

/* Where the console has no interrupt: often enough for typing. */
#define POLL_NS (20 * NS_PER_MS)

static struct timer poll_timer;

static void poll(void *arg)
{
	timer_set(&poll_timer, time_now_ns() + POLL_NS);
	on_input();
}

static int start_input(void)
{
	int ret = console_set_rx_handler(on_input);

	if (ret != -AX_ENODEV || !console_present())
		return ret;
	timer_init(&poll_timer, poll, NULL);
	poll(NULL);
	return 0;
}

/* It has the console to begin with. */
static struct vm *first_running(void)
{
	struct vm *vm = vm_next(NULL);

	while (vm && vm_get_state(vm) != VM_RUNNING)
		vm = vm_next(vm);
	return vm;
}

void console_mux_init(void)
{
	struct task_params input = { .name = "console", .entry = input_task };
	struct task_params output = { .name = "conout", .entry = output_task };
	struct vm *first;
	int ret;

	wait_queue_init(&input_wait);
	wait_queue_init(&output_wait);
	mutex_init(&attach_lock);
	editor = kzalloc(sizeof(*editor));
	if (!editor) {
		log_error("no memory for the shell");
		return;
	}
	editor_init(editor, editor_write, editor_complete, NULL);
	vm_console_set_hooks(on_output, drain);
	vm_set_state_hook(on_input);
	first = first_running();
	if (first)
		console_attach(first);
	ret = task_spawn(&output, NULL);
	if (!ret)
		ret = task_spawn(&input, NULL);
	if (!ret)
		ret = start_input();
	if (ret)
		log_error("the shell has no input: %s", error_text(ret));
}
