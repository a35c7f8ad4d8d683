/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The host HAL of unit tests: everything that axhal, axalloc and the log offer, made of malloc and plain variables.
 *
 * Every function here that the product defines as well is weak: a test that lists axalloc/frame.c tests that one, a
 * test that does not gets frames from malloc (so that the address sanitizer guards each of them). A host-physical
 * address is the pointer itself.
 */
#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <axhal/mem.h>
#include <axhal/platform.h>

/* --- panics (and power_off, power_reset) --- */

/*
 * Run @statement and fail the test unless it panics. Locks that it held stay held. The message is in host_panic_text.
 */
#define assert_panics(statement)                                                            \
	do {                                                                                \
		host_panic_expected = true;                                                 \
		if (!setjmp(host_panic_jump)) {                                             \
			statement;                                                          \
			host_panic_expected = false;                                        \
			host_test_failed(__FILE__, __LINE__, "did not panic: " #statement); \
		}                                                                           \
		host_panic_expected = false;                                                \
	} while (0)

extern jmp_buf host_panic_jump;
extern bool host_panic_expected;
extern char host_panic_text[512];
/* Fail the running cmocka test (or abort where there is none). */
_Noreturn void host_test_failed(const char *file, int line, const char *text);

/* --- allocations: of frames and of the heap, unless the product's own allocators are linked --- */

/* The (n+1)th allocation from now on fails, and only that one; host_fail_never() switches it off. */
void host_fail_after(unsigned n);
void host_fail_never(void);
/* Has the allocation that was to fail been reached? */
bool host_fail_hit(void);
/* Called by the fake allocators (and by tests that wrap others). Return: true if this one is to fail. */
bool host_should_fail(void);

size_t host_frames_live(void);   /* pages handed out by the fake frame allocator */
long host_frames_promised(void); /* pages promised by the fake frame allocator */
size_t host_heap_live(void);     /* blocks handed out by the fake heap */
/* Limit of the fake frame allocator in pages; SIZE_MAX: none. */
extern size_t host_frame_limit;

/* --- physical memory --- */

/* What mem_regions() returns from now on; the array is kept. */
void host_set_mem_regions(const struct mem_region *regions, size_t count);
/* Page-aligned RAM of the host, aligned to @align; given back with host_free_ram(). Untouched pages cost nothing. */
void *host_alloc_ram(uint64_t size, uint64_t align);
void host_free_ram(void *ram, uint64_t size);
/* mem_map_device(pa) returns @memory from now on; up to 16 windows. */
void host_add_device(paddr_t pa, uint64_t size, void *memory);
/* Number of calls, for tests that check that caches are cleaned. */
extern unsigned host_cache_cleans, host_code_syncs;

/* --- CPUs: CPU 0 owns the per-CPU template, the others get copies --- */

/* The calling thread is @cpu from now on. */
void host_set_cpu(unsigned cpu);
/* cpu_count() and the online mask; 1 at the start. */
void host_set_cpu_count(unsigned count);
extern unsigned host_idle_waits; /* calls of cpu_wait_for_interrupt() */

/* --- interrupts and time --- */

/* Raise @irq on the calling CPU: its handler runs now, or when interrupts come on (once, as for an edge). */
void host_irq_raise(unsigned irq);
bool host_irq_is_masked(unsigned irq);
/* Since the last host_irq_reset(): IPIs sent to each CPU. By default an IPI is only counted. */
extern unsigned host_ipi_sent[64][4];
/* Run the function of @kind as the IPI's interrupt would. */
void host_ipi_deliver(unsigned kind);
void host_irq_reset(void);

/* time_now_ns(), which only moves when a test moves it. */
extern uint64_t host_time_ns;
/* The deadline that the calling CPU has set. */
uint64_t host_deadline(void);
/* Move time on by @ns, stopping at each deadline of the calling CPU to run the handler. */
void host_advance_ns(uint64_t ns);

/* --- console, log, platform --- */

extern char host_console_output[65536]; /* NUL-terminated, oldest bytes dropped by host_console_reset() only */
void host_console_reset(void);
/* Bytes that console_read() returns next; runs the receive handler. */
void host_console_type(const char *text);

/* Log lines since the last host_log_reset(), NUL-terminated. Shown on stderr with AX_TEST_LOG=1 in the environment. */
extern char host_log_text[65536];
void host_log_reset(void);
bool host_log_contains(const char *text);

extern struct platform host_platform;
/* The value of a system register, 0 at first. */
uint64_t *host_sysreg(const char *name);
/* The CSR of RISC-V with this number. */
uint64_t *host_csr(unsigned number);
