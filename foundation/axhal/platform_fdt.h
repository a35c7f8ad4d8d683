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
#define FDT_PATH_SIZE    96
#define FDT_MAX_UARTS    16
#define FDT_MAX_INTC     128 /* on RISC-V each hart has one */

struct fdt_range {
	paddr_t base;
	uint64_t size;
	bool no_map; /* reserved memory that not even the hypervisor may map */
};

/* A property's value, in the tree. */
struct fdt_data {
	const void *data;
	int len;
};

/* An interrupt is noted in the walk and known after fdt_irq_resolve(): its controller may stand further on. */
struct fdt_irq {
	unsigned irq; /* as irq_register() takes it; 0: none */
	bool edge;
	int node;
	bool extended; /* @specifiers is interrupts-extended, not interrupts */
	uint32_t parent;
	unsigned index;
	struct fdt_data specifiers;
};

/* A node with #interrupt-cells. */
struct fdt_controller {
	uint32_t phandle, cells;
	struct fdt_data compatible;
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
	char path[FDT_PATH_SIZE];
};

/* The properties that somebody reads; their names are in fdt_walk.c. */
enum fdt_prop {
	FDT_COMPATIBLE,
	FDT_REG,
	FDT_INTERRUPTS,
	FDT_STATUS,
	FDT_DEVICE_TYPE,
	FDT_RANGES,
	FDT_ADDRESS_CELLS,
	FDT_SIZE_CELLS,
	FDT_PHANDLE,
	FDT_LINUX_PHANDLE,
	FDT_INTERRUPT_PARENT,
	FDT_INTERRUPT_CELLS,
	FDT_INTERRUPTS_EXTENDED,
	FDT_INTERRUPT_NAMES,
	FDT_ENABLE_METHOD,
	FDT_METHOD,
	FDT_CLOCK_FREQUENCY,
	FDT_REDIST_REGIONS,
	FDT_REDIST_STRIDE,
	FDT_REG_SHIFT,
	FDT_REG_IO_WIDTH,
	FDT_REG_OFFSET,
	FDT_NO_MAP,
	FDT_MODEL,
	FDT_BOOTARGS,
	FDT_STDOUT_PATH,
	FDT_LINUX_STDOUT_PATH,
	FDT_INITRD_START,
	FDT_INITRD_END,
	FDT_RNG_SEED,
	FDT_MMU_TYPE,
	FDT_TIMEBASE_FREQUENCY,
	FDT_RISCV_ISA,
	FDT_RISCV_ISA_EXTENSIONS,
	FDT_RISCV_CBOM_BLOCK,
	FDT_RISCV_CBOZ_BLOCK,
	FDT_RISCV_CBOP_BLOCK,
	FDT_RISCV_NDEV,
	FDT_RISCV_NUM_SOURCES,
	FDT_RISCV_CHILDREN,
	FDT_MSI_PARENT,
	FDT_RISCV_NUM_IDS,
	FDT_RISCV_NUM_GUEST_IDS,
	FDT_RISCV_GUEST_INDEX_BITS,
	FDT_RISCV_HART_INDEX_BITS,
	FDT_RISCV_GROUP_INDEX_BITS,
	FDT_RISCV_GROUP_INDEX_SHIFT,
	FDT_NUM_PROPS
};

/* What the nodes below a node need of it. */
struct fdt_level {
	int node;
	const char *name;
	int address_cells, size_cells; /* negative: malformed */
	struct fdt_data ranges;        /* data NULL: none */
	uint32_t interrupt_parent;     /* of the node or the nearest ancestor that says it; 0: none */
	const char *enable_method;
};

/* Names are stored once and shared by all nodes. */
struct fdt_name {
	uint32_t offset;
	uint8_t prop;
	bool known;
};

/* Where the walk is: levels[0] is the root, levels[depth] the node. */
struct fdt_walk {
	const void *fdt;
	struct fdt_platform *out;
	int offset; /* of the tag */
	int depth;
	int disabled; /* depth of the disabled node that the walk is in; -1: none */
	bool open;    /* the node's properties are being read */
	struct fdt_level levels[FDT_MAX_DEPTH];
	uint64_t seen; /* bit: is there such a property? */
	struct fdt_data props[FDT_NUM_PROPS];
	struct fdt_name names[64];
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

	const char *stdout_path;  /* in the tree; NULL: none given */
	struct fdt_data rng_seed; /* in the tree; len 0: none given */
	unsigned num_uarts, num_controllers;
	struct uart_desc uarts[FDT_MAX_UARTS]; /* size 0: no usable reg */
	struct fdt_controller controllers[FDT_MAX_INTC];
	struct fdt_irq device_irqs[PLATFORM_MAX_DEVICES];
};

typedef void fdt_visit(struct fdt_walk *walk, void *arg);

/**
 * platform_fdt_parse - read a device tree
 * @fdt:      the tree, 8-byte aligned
 * @max_size: bytes that may be read at @fdt
 * @out:      the result
 * @visit:    called for every enabled node with @arg, for what only one architecture has
 *
 * A device that is described wrongly is left out with a note. Return: 0, or -AX_EINVAL with @out->error set: the tree
 * is damaged, or it names no memory or no CPU. The console is found even then, where the tree allows it.
 */
int platform_fdt_parse(const void *fdt, size_t max_size, struct fdt_platform *out, fdt_visit *visit, void *arg);

/* What the parts of the parser share. */

void fdt_note(struct fdt_platform *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** fdt_walk_note - the same, beginning with the path of the walk's node */
void fdt_walk_note(struct fdt_walk *walk, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** fdt_walk_path - the path of the walk's node; cut off when it does not fit */
void fdt_walk_path(const struct fdt_walk *walk, char *path, size_t size);

/**
 * fdt_walk_all - go once over the whole tree and check it
 *
 * Calls @visit for every enabled node when its properties are known: parents before children; children of disabled
 * nodes are left out. Return: NULL, or what is wrong at @walk->offset.
 */
const char *fdt_walk_all(struct fdt_walk *walk, fdt_visit *visit, void *arg);
static inline const struct fdt_level *fdt_walk_level(const struct fdt_walk *walk)
{
	return &walk->levels[walk->depth];
}

/** fdt_walk_prop - a property of the node. Return: NULL when there is none. */
static inline const struct fdt_data *fdt_walk_prop(const struct fdt_walk *walk, enum fdt_prop prop)
{
	return walk->seen & BIT(prop) ? &walk->props[prop] : NULL;
}

/**
 * fdt_next_string - the strings of a list, one after the other
 * @list: NULL: an empty one
 * @last: what the last call has returned; NULL to begin
 *
 * Return: a string that ends inside the property, or NULL.
 */
const char *fdt_next_string(const struct fdt_data *list, const char *last);
/** fdt_is - does @compatible (NULL: empty) name one of @list (NULL at its end)? Return: index or -1. */
int fdt_is(const struct fdt_data *compatible, const char *const *list);
int fdt_walk_is(const struct fdt_walk *walk, const char *const *list);
/** fdt_walk_string - a property that is a string. Return: NULL when there is none. */
const char *fdt_walk_string(const struct fdt_walk *walk, enum fdt_prop prop);
bool fdt_walk_u32(const struct fdt_walk *walk, enum fdt_prop prop, uint32_t *value);
/** fdt_walk_number - a property of 4 or 8 bytes; 0 when there is none */
uint64_t fdt_walk_number(const struct fdt_walk *walk, enum fdt_prop prop);
/**
 * fdt_walk_reg - entry @index of the node's reg, as a CPU address. Return: 0, -AX_ENOENT (no such entry), -AX_EINVAL
 * (malformed, or a bus without ranges).
 */
int fdt_walk_reg(const struct fdt_walk *walk, unsigned index, struct fdt_range *range);
/** fdt_walk_irq - note interrupt @index of the node, for fdt_irq_resolve() */
void fdt_walk_irq(const struct fdt_walk *walk, unsigned index, struct fdt_irq *irq);
/**
 * fdt_irq_resolve - after the walk: fill in @irq->irq and @irq->edge
 * Return: 0, -AX_ENOENT, -AX_ENOTSUP (of another controller), -AX_EINVAL; then @irq->irq is 0.
 */
int fdt_irq_resolve(const struct fdt_platform *out, struct fdt_irq *irq);
/** fdt_irq_note - a note that begins with the path of the interrupt's node */
void fdt_irq_note(struct fdt_platform *out, const struct fdt_irq *irq, const char *text);

/**
 * platform_fdt_decode_irq - the architecture reads an interrupt specifier of its controller @intc. Return as
 * fdt_irq_resolve.
 */
int platform_fdt_decode_irq(const struct fdt_controller *intc, const uint32_t *cells, int count, struct fdt_irq *irq);
