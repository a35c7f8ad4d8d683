/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a device tree says about the machine, read by pure functions: they look at nothing but the tree, so the tests
 * run them over the trees of real boards. Devicetree Specification v0.4; bindings from Linux' Documentation/devicetree.
 */
#include <axhal/cpu.h>
#include <axhal/platform.h>

#define FDT_MAX_SIZE     MIB(2) /* as the arm64 and riscv boot protocols have it */
#define FDT_MAX_RAM      32
#define FDT_MAX_RESERVED 64
#define FDT_MAX_DEPTH    16
#define FDT_MAX_NOTES    8
#define FDT_NOTE_SIZE    160

struct fdt_range {
	paddr_t base;
	uint64_t size;
	bool no_map; /* reserved memory that not even the hypervisor may map */
};

struct fdt_irq {
	unsigned irq; /* as irq_register() takes it; 0: none */
	bool edge;
};

enum fdt_cpu_method { CPU_METHOD_NONE, CPU_METHOD_PSCI, CPU_METHOD_SPIN_TABLE, CPU_METHOD_UNKNOWN };

struct fdt_cpu {
	uint64_t hwid;
	enum fdt_cpu_method method;
};

enum uart_kind { UART_NONE, UART_PL011, UART_NS16550, UART_CADENCE, UART_KINDS };

struct uart_desc {
	enum uart_kind kind;
	bool no_setup; /* SBSA: only data and interrupt registers exist */
	paddr_t base;
	uint64_t size;
	unsigned reg_shift;
	unsigned io_width; /* bytes */
	struct fdt_irq irq;
	char name[32];
};

/* Where the walk is: stack[0] is the root, stack[depth] the node. */
struct fdt_walk {
	const void *fdt;
	int depth;
	int stack[FDT_MAX_DEPTH];
	const char *compatible; /* of the node: a list of strings, NULL when there is none */
	int compatible_len;
	int parent_node; /* what fdt_walk_irq() has found last: the node of ... */
	uint32_t parent_phandle;
	struct fdt_platform *out;
};

struct fdt_platform {
	struct platform pub;
	char error[FDT_NOTE_SIZE]; /* why the parse failed */
	unsigned num_notes;        /* what was left out, and why */
	char notes[FDT_MAX_NOTES][FDT_NOTE_SIZE];

	unsigned num_ram, num_reserved, num_cpus;
	struct fdt_range ram[FDT_MAX_RAM];
	struct fdt_range reserved[FDT_MAX_RESERVED];
	struct fdt_cpu cpus[CPU_MAX];
	char cpu_name[32];
	struct uart_desc console;

	int stdout_node; /* -1: none given */
};

/**
 * platform_fdt_parse - read a device tree
 * @fdt:      the tree, 8-byte aligned
 * @max_size: bytes that may be read at @fdt
 * @out:      the result
 *
 * A device that is described wrongly is left out with a note. Return: 0, or -AX_EINVAL with @out->error set: the tree
 * is damaged, or it names no memory or no CPU. The console is found even then, where the tree allows it.
 */
int platform_fdt_parse(const void *fdt, size_t max_size, struct fdt_platform *out);

/* What the parts of the parser share. */

void fdt_note(struct fdt_platform *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** fdt_walk_note - the same, beginning with the path of the walk's node */
void fdt_walk_note(struct fdt_walk *walk, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * fdt_walk_all - call @visit for every enabled node, parents before children; children of disabled nodes are left out
 * Return: 0 or -AX_EINVAL (nested too deeply).
 */
int fdt_walk_all(const void *fdt, struct fdt_platform *out, void (*visit)(struct fdt_walk *walk, void *arg), void *arg);
static inline int fdt_walk_node(const struct fdt_walk *walk)
{
	return walk->stack[walk->depth];
}

/** fdt_walk_is - does the node's compatible property name one of @list (NULL at its end)? Return: index or -1. */
int fdt_walk_is(const struct fdt_walk *walk, const char *const *list);
/** fdt_is - the same for any node */
int fdt_is(const void *fdt, int node, const char *const *list);
/**
 * fdt_read_string - a property that is a string, checked to end inside the property. Return: NULL when there is none.
 */
const char *fdt_read_string(const void *fdt, int node, const char *name);
bool fdt_read_u32(const void *fdt, int node, const char *name, uint32_t *value);
/** fdt_read_number - a property of 4 or 8 bytes; 0 when there is none */
uint64_t fdt_read_number(const void *fdt, int node, const char *name);
/**
 * fdt_walk_reg - entry @index of the node's reg, as a CPU address. Return: 0, -AX_ENOENT (no such entry), -AX_EINVAL
 * (malformed, or a bus without ranges).
 */
int fdt_walk_reg(const struct fdt_walk *walk, unsigned index, struct fdt_range *range);
/**
 * fdt_walk_irq - interrupt @index of the node. Return: 0, -AX_ENOENT, -AX_ENOTSUP (of another controller),
 * -AX_EINVAL.
 */
int fdt_walk_irq(struct fdt_walk *walk, unsigned index, struct fdt_irq *irq);

/**
 * platform_fdt_decode_irq - the architecture reads an interrupt specifier of its controller @intc. Return as
 * fdt_walk_irq.
 */
int platform_fdt_decode_irq(const void *fdt, int intc, const uint32_t *cells, int count, struct fdt_irq *irq);
