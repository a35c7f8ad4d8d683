/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CPUs. Per-CPU variables stand in the section .percpu of the test program: that is CPU 0's copy, found through the
 * program's own section headers; other CPUs get copies of it as it was when the program started.
 */
#include "host.h"
#include <axstd/random.h>
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <axhal/context.h>
#include <axhal/cpu.h>
#include <axstd/error.h>

extern const char __ehdr_start[]; /* where the program is loaded (GNU ld) */

__thread uintptr_t host_percpu_offset;
unsigned host_idle_waits;
static unsigned count = 1;

__attribute__((weak)) uintptr_t cpu_percpu_offset[CPU_MAX];
__attribute__((weak)) DEFINE_PER_CPU(unsigned, cpu_id);

static void find_template(uintptr_t *start, size_t *size)
{
	int fd = open("/proc/self/exe", O_RDONLY);
	const Elf64_Ehdr *elf;
	const Elf64_Shdr *sections;
	const char *names;
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		abort();
	elf = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	sections = (const void *)((const char *)elf + elf->e_shoff);
	names = (const char *)elf + sections[elf->e_shstrndx].sh_offset;
	for (unsigned i = 0; i < elf->e_shnum; i++) {
		if (strcmp(names + sections[i].sh_name, ".percpu"))
			continue;
		*start = sections[i].sh_addr + (elf->e_type == ET_DYN ? (uintptr_t)__ehdr_start : 0);
		*size = sections[i].sh_size;
	}
	munmap((void *)elf, st.st_size);
	close(fd);
}

static char *copies[CPU_MAX]; /* keeps them reachable for the leak checker */

/* Byte by byte and unchecked: the sanitizer's red zones lie between the variables. */
__attribute__((no_sanitize("address"))) static void copy_bytes(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		*(volatile char *)&to[i] = from[i];
}

__attribute__((constructor)) static void copy_template(void)
{
	uintptr_t start = 0;
	size_t size = 0;

	find_template(&start, &size);
	for (unsigned cpu = 1; cpu < CPU_MAX; cpu++) {
		char *copy = aligned_alloc(64, ALIGN_UP(size, 64));

		copies[cpu] = copy;
		copy_bytes(copy, (const char *)start, size);
		cpu_percpu_offset[cpu] = (uintptr_t)copy - start;
		*per_cpu(cpu_id, cpu) = cpu;
	}
}

void host_set_cpu(unsigned cpu)
{
	host_percpu_offset = cpu_percpu_offset[cpu];
}

void host_set_cpu_count(unsigned n)
{
	count = n;
}

__attribute__((weak)) void host_wait_for_interrupt(void)
{
	host_idle_waits++;
}

__attribute__((weak)) unsigned cpu_count(void)
{
	return count;
}

__attribute__((weak)) cpumask_t cpu_online_mask(void)
{
	return count == 64 ? ~UINT64_C(0) : BIT(count) - 1;
}

__attribute__((weak)) uint64_t cpu_hwid(unsigned cpu)
{
	return cpu;
}

__attribute__((weak)) int cpu_by_hwid(uint64_t hwid)
{
	return hwid < count ? (int)hwid : -AX_ENOENT;
}

__attribute__((weak)) unsigned cpu_start_secondaries(unsigned limit, void (*entry)(void))
{
	(void)limit;
	(void)entry;
	return count;
}

static void enter(unsigned high, unsigned low)
{
	struct cpu_context *ctx = (void *)((uintptr_t)high << 32 | low);

	ctx->entry(ctx->arg);
	abort();
}

__attribute__((weak)) void context_init(struct cpu_context *ctx, void *stack_top, void (*entry)(void *), void *arg)
{
	/* The size is not told, only that a test's stacks have at least 16 KiB. */
	size_t size = KIB(16);

	getcontext(&ctx->uc);
	ctx->entry = entry;
	ctx->arg = arg;
	ctx->uc.uc_stack.ss_sp = (char *)stack_top - size;
	ctx->uc.uc_stack.ss_size = size;
	ctx->uc.uc_link = NULL;
	makecontext(&ctx->uc, (void (*)(void))enter, 2, (unsigned)((uintptr_t)ctx >> 32), (unsigned)(uintptr_t)ctx);
}

__attribute__((weak)) void context_switch(struct cpu_context *from, struct cpu_context *to)
{
	swapcontext(&from->uc, &to->uc);
}

static struct {
	char name[40];
	uint64_t value;
} sysregs[128];

__attribute__((weak)) uint64_t *host_sysreg(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(sysregs); i++) {
		if (!sysregs[i].name[0])
			snprintf(sysregs[i].name, sizeof(sysregs[i].name), "%s", name);
		if (!strcmp(sysregs[i].name, name))
			return &sysregs[i].value;
	}
	host_test_failed(__FILE__, __LINE__, "too many system registers");
}

/* Tests of the generator link axstd/random.c. */
__attribute__((weak)) void random_seed(const void *seed, size_t len)
{
}

__attribute__((weak)) bool random_bytes(void *buf, size_t len)
{
	return false;
}

__attribute__((weak)) uint64_t *host_csr(unsigned number)
{
	static __thread uint64_t csrs[4096];

	return &csrs[number & 4095];
}
