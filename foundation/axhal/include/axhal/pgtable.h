/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Multi-level page tables, any format: the hypervisor's own tables (EL2 stage 1, Sv39/48/57, long mode) and guests'
 * stage-2 tables (stage 2, Sv39x4..., EPT, NPT) are walked by one piece of code. A format answers the few questions in
 * which they differ.
 *
 * Changes are prepared, then committed: every table that a change needs is allocated first, so a change that fails has
 * changed nothing. The caller locks; none of this may run in interrupt context.
 */
#include <axstd/util.h>

/* Access rights and memory type of a mapping. The same bits stand in VM configurations (memory_regions flags). */
enum pt_flags {
	PT_READ = 1,
	PT_WRITE = 2,
	PT_EXEC = 4,
	PT_USER = 8,
	PT_DEVICE = 16,   /* device memory: no gathering, no reordering, never executable */
	PT_UNCACHED = 32, /* normal memory, not cacheable */
};

struct pgtable;

struct pt_format {
	const char *name;
	unsigned levels;     /* depth of the tree, the root included */
	unsigned root_pages; /* size of the root table in pages (concatenated tables, Sv39x4: 4) */
	unsigned input_bits; /* addresses at or above BIT(input_bits) cannot be mapped */
	/*
	 * A live entry is made invalid and flushed before another valid one replaces it, when the memory type or the
	 * size of the leaf changes (Arm ARM D8.16.1). A table that the running code itself needs cannot ask for this.
	 */
	bool break_before_make;
	bool flush_after_map; /* walkers may remember that an entry was invalid (RISC-V, without Svvptc) */

	/* May a leaf stand at @level (0: 4 KiB, 1: 2 MiB, 2: 1 GiB, ...)? Where it may, it may at all lower levels. */
	bool (*leaf_allowed)(unsigned level);
	uint64_t (*make_leaf)(paddr_t pa, unsigned flags, unsigned level);
	uint64_t (*make_table)(paddr_t table);
	/* An entry whose low 12 bits are 0 is not valid in any format. The rest is asked for valid entries only. */
	bool (*is_valid)(uint64_t entry);
	bool (*is_leaf)(uint64_t entry, unsigned level);
	paddr_t (*entry_pa)(uint64_t entry, unsigned level);
	unsigned (*leaf_flags)(uint64_t entry);
};

/*
 * What a table stands on. @flush drops cached translations of [va, va + size), those of intermediate tables included,
 * and waits for it; @sync makes stored entries visible to walkers.
 */
struct pt_ops {
	paddr_t (*alloc_tables)(struct pgtable *pt,
				unsigned pages); /* zeroed, aligned to their size; 0: out of memory */
	void (*free_tables)(struct pgtable *pt, paddr_t tables, unsigned pages);
	void (*flush)(struct pgtable *pt, uint64_t va, uint64_t size);
	void (*sync)(struct pgtable *pt);
};

struct pgtable {
	const struct pt_format *format;
	const struct pt_ops *ops;
	paddr_t root;
	size_t table_pages; /* pages in use by tables, the root included */
};

/** pgtable_init - make an empty table. Return: 0 or -AX_ENOMEM. */
int pgtable_init(struct pgtable *pt, const struct pt_format *format, const struct pt_ops *ops);

/** pgtable_destroy - free every table. What was mapped is not touched; the caller has flushed the TLBs. */
void pgtable_destroy(struct pgtable *pt);

/**
 * pgtable_map - map [va, va + size) to [pa, pa + size)
 *
 * Uses the largest leaves that alignment and size allow. Addresses and size are page-aligned, size is not 0. The whole
 * range must be unmapped before.
 *
 * Return: 0, -AX_EINVAL (alignment, wrap-around, beyond input_bits), -AX_EEXIST (part of it is mapped), -AX_ENOMEM. On
 * error nothing has changed.
 */
int pgtable_map(struct pgtable *pt, uint64_t va, paddr_t pa, uint64_t size, unsigned flags);

/**
 * pgtable_unmap - remove what is mapped in [va, va + size); holes are skipped
 *
 * Splits leaves that stand half inside (this may need memory), frees tables that became empty, flushes.
 *
 * Return: 0, -AX_EINVAL, -AX_ENOMEM (nothing has changed).
 */
int pgtable_unmap(struct pgtable *pt, uint64_t va, uint64_t size);

/**
 * pgtable_protect - give what is mapped in [va, va + size) other flags; holes are skipped
 *
 * Splits where needed and merges full tables of like leaves back into one larger leaf where the format allows it.
 *
 * Return: 0, -AX_EINVAL, -AX_ENOMEM (nothing has changed).
 */
int pgtable_protect(struct pgtable *pt, uint64_t va, uint64_t size, unsigned flags);

/** pgtable_protect_within - the same, but no merged leaf reaches out of [limit, limit + limit_size) */
int pgtable_protect_within(struct pgtable *pt, uint64_t va, uint64_t size, unsigned flags, uint64_t limit,
			   uint64_t limit_size);

/**
 * pgtable_split - see to it that no leaf crosses @va or @va + @size
 *
 * What is mapped stays the same. Afterwards unmapping exactly this range needs no memory.
 *
 * Return: 0, -AX_EINVAL, -AX_ENOMEM (nothing has changed).
 */
int pgtable_split(struct pgtable *pt, uint64_t va, uint64_t size);

struct pt_translation {
	paddr_t pa;     /* of @va itself */
	uint64_t size;  /* of the leaf it lies in: bytes */
	unsigned flags; /* PT_* */
};

/** pgtable_translate - look @va up. Return: 0 or -AX_EFAULT (not mapped). */
int pgtable_translate(const struct pgtable *pt, uint64_t va, struct pt_translation *out);

/**
 * pgtable_next - the first leaf that meets [va, end)
 * @leaf_va: gets where the leaf starts, which may be below @va
 * @out:     what is mapped there; @out->pa is that of @leaf_va
 *
 * Skips what is not mapped a table at a time. Return: 0 or -AX_ENOENT.
 */
int pgtable_next(const struct pgtable *pt, uint64_t va, uint64_t end, uint64_t *leaf_va, struct pt_translation *out);
