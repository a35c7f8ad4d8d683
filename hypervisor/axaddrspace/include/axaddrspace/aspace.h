/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Guest-physical address spaces.
 *
 * An address space is a set of regions (what the guest may see) and one stage-2 table (what the hardware walks). The
 * regions are the truth about rights and kinds; the table follows them and records which pages of allocated regions
 * have memory already. Memory that a region owns is zeroed before the guest gets it and goes back to the frame
 * allocator when it is unmapped, after the translations that led to it were flushed.
 *
 * Every change is atomic: on an error the regions, the table and all counters are as before.
 *
 * Locking: each function takes the address space's own lock for short pieces of work; zeroing happens outside of it.
 * No other lock of the address space's user may be taken inside a callback. Task context, interrupts on or off; never
 * from an interrupt handler. Lock order: ... -> address space -> frame allocator.
 */
#include <axhal/pgtable.h>
#include <axstd/spinlock.h>

typedef uint64_t gpa_t; /* guest-physical address */

/* What stands behind a region. */
enum aspace_kind {
	ASPACE_LINEAR,   /* host RAM that somebody else owns, at a fixed distance */
	ASPACE_IDENTITY, /* host RAM at GPA = HPA, taken from the frame allocator and owned by the region */
	ASPACE_DEVICE,   /* registers of a host device (pass-through): never touched by aspace_read/write */
	ASPACE_ALLOC,    /* host RAM from the frame allocator, all of it at once */
	ASPACE_LAZY,     /* the same, but piece by piece when it is first used */
	ASPACE_RESERVED, /* nothing: the guest's addresses are taken, accesses are faults */
	ASPACE_KINDS
};

/** aspace_kind_name - "linear", "identity", "device", "allocated", "lazy", "reserved" */
const char *aspace_kind_name(enum aspace_kind kind);

struct aspace;

/* What an address space stands on. */
struct aspace_ops {
	/*
	 * Drop translations of [gpa, gpa + size) of this address space on all CPUs, those of intermediate tables too,
	 * and wait until that is done. Interrupts are off, the address space is locked. When the range is large the
	 * implementation may drop everything tagged with this address space.
	 */
	void (*flush)(struct aspace *as, gpa_t gpa, uint64_t size);
	/* Make stored table entries visible to the table walkers of all CPUs. */
	void (*sync)(struct aspace *as);
	/*
	 * [va, va + size) was just zeroed and is about to be given to the guest. Architectures on which a guest may run
	 * with its caches off write it back here (Arm without FEAT_S2FWB: clean to the point of coherency). NULL:
	 * nothing to do.
	 */
	void (*publish)(struct aspace *as, void *va, uint64_t size);
};

/* One region. Copies of it are handed out, never the original. */
struct aspace_region {
	gpa_t gpa;
	uint64_t size;
	paddr_t hpa;    /* ASPACE_LINEAR, _IDENTITY, _DEVICE */
	unsigned flags; /* PT_* */
	enum aspace_kind kind;
	bool busy;   /* being built or torn down: not there for anybody else */
	unsigned id; /* pieces of what was mapped by one call have the same */
};

struct aspace {
	struct spinlock lock;          /* guards everything below */
	struct aspace_region *regions; /* sorted by address, without overlaps */
	unsigned num_regions;
	unsigned capacity;
	unsigned next_id;
	uint64_t memory_bytes; /* host memory owned */
	struct pgtable table;
	const struct aspace_ops *ops;
	/* For the architecture; not interpreted here. */
	void *arch;
	_Atomic uint64_t tag; /* VMID (Arm, RISC-V), ASID (SVM), EPTP tag, with its generation */
};

/**
 * aspace_init - make an empty address space
 * @as:     the address space, in memory of the caller; every field is set
 * @format: of the stage-2 table; its input_bits is the guest-physical address size
 * @ops:    kept
 *
 * Return: 0 or -AX_ENOMEM.
 */
int aspace_init(struct aspace *as, const struct pt_format *format, const struct aspace_ops *ops);

/**
 * aspace_destroy - flush all translations, give back all memory and all tables
 *
 * No vCPU runs in it and nobody else calls it any more.
 */
void aspace_destroy(struct aspace *as);

/**
 * aspace_map_linear - make host memory visible to the guest
 * @gpa:   guest-physical start, page-aligned
 * @hpa:   host-physical start, page-aligned
 * @size:  bytes, a multiple of the page size, not 0
 * @flags: PT_READ, PT_WRITE, PT_EXEC and a memory type; PT_READ must be among them, PT_USER means nothing here
 * @kind:  ASPACE_LINEAR, ASPACE_DEVICE (PT_DEVICE is added), or ASPACE_IDENTITY (@hpa == @gpa; the memory is taken from
 *         the frame allocator, zeroed, and given back by unmap)
 *
 * Uses the largest pages that alignment and size allow.
 *
 * Return: 0, -AX_EINVAL (alignment, wrap-around, beyond the address size, flags, kind; linear: not all of it is RAM;
 * device: it meets RAM that the hypervisor uses itself), -AX_EEXIST (overlaps a region), -AX_EBUSY (identity: part of
 * the host memory is in use), -AX_ENOMEM.
 */
int aspace_map_linear(struct aspace *as, gpa_t gpa, paddr_t hpa, uint64_t size, unsigned flags, enum aspace_kind kind);

/**
 * aspace_map_alloc - give the guest zeroed memory from the frame allocator
 * @gpa, @size, @flags: as for aspace_map_linear
 * @lazy: memory is promised by the frame allocator now and taken when it is first used, in pieces of 2 MiB where they
 * fit and are available, else of 4 KiB;
 *        otherwise at once, in the largest pieces available
 *
 * Return: 0, -AX_EINVAL, -AX_EEXIST, -AX_ENOMEM.
 */
int aspace_map_alloc(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags, bool lazy);

/** aspace_reserve - take guest addresses with nothing behind them. Return: 0, -AX_EINVAL, -AX_EEXIST, -AX_ENOMEM. */
int aspace_reserve(struct aspace *as, gpa_t gpa, uint64_t size);

/**
 * aspace_unmap - take [gpa, gpa + size) away from the guest
 *
 * Regions that lie half inside are cut; holes are skipped. Memory that the regions own is given back.
 *
 * Return: 0, -AX_EINVAL, -AX_ENOENT (no region there at all), -AX_EBUSY (one is being built or torn down),
 * -AX_ENOMEM (cutting a region or a large page needs a little memory).
 */
int aspace_unmap(struct aspace *as, gpa_t gpa, uint64_t size);

/**
 * aspace_protect - change rights and memory type of [gpa, gpa + size), all of which must be covered by regions
 *
 * Device regions need PT_DEVICE among the flags. Reserved regions take the flags, but nothing is mapped for them.
 *
 * Return: 0, -AX_EINVAL, -AX_EFAULT (a part has no region), -AX_EBUSY (as for aspace_unmap), -AX_ENOMEM.
 */
int aspace_protect(struct aspace *as, gpa_t gpa, uint64_t size, unsigned flags);

/**
 * aspace_clear - bring all memory that regions own into the state in which it was given: zero, and written back
 *
 * For the reset of a virtual machine, whose vCPUs do not run meanwhile. Lazy memory goes back to the frame allocator.
 * Linear and device regions are not touched.
 *
 * Return: 0 or -AX_EBUSY (a region is being built or torn down; those before it have been cleared).
 */
int aspace_clear(struct aspace *as);

/**
 * aspace_translate - where an address leads now
 * @hpa:   gets the host-physical address
 * @size:  gets the bytes from there on that are contiguous and alike: up to the end of the table's leaf or the region's
 * @flags: gets the region's PT_* flags
 *
 * Each may be NULL. Does not populate lazy memory. The answer may be outdated when it arrives, unless the caller knows
 * that nobody unmaps.
 *
 * Return: 0 or -AX_EFAULT (no region, reserved, or no memory there yet).
 */
int aspace_translate(struct aspace *as, gpa_t gpa, paddr_t *hpa, uint64_t *size, unsigned *flags);

/**
 * aspace_read, aspace_write, aspace_zero - checked access to guest memory
 *
 * The only way for host code to touch it. Rights are the region's: reading needs PT_READ, the others PT_WRITE. Lazy
 * memory is populated when something is written; as long as it is not it reads as zero. An access may cross pages and
 * regions. Not atomic towards the guest's CPUs: fetch once, then check.
 *
 * Return: 0, -AX_EFAULT (a part is not memory), -AX_EACCES (rights, or a device region), -AX_ENOMEM (lazy). On an error
 * a first part may have been copied.
 */
int aspace_read(struct aspace *as, gpa_t gpa, void *buf, size_t len);
int aspace_write(struct aspace *as, gpa_t gpa, const void *buf, size_t len);
int aspace_zero(struct aspace *as, gpa_t gpa, uint64_t len);

/** aspace_load - aspace_write for the loader of images: memory that is read-only for the guest may be written */
int aspace_load(struct aspace *as, gpa_t gpa, const void *buf, size_t len);

/**
 * aspace_sync_code - after an image was written: make it visible to a guest that starts with its caches off
 *
 * Cleans to the point of coherency and makes instructions visible. Pages without memory are skipped.
 *
 * Return: 0, -AX_EFAULT (a part is not memory), -AX_EACCES (a device region).
 */
int aspace_sync_code(struct aspace *as, gpa_t gpa, uint64_t size);

/**
 * aspace_fault - the guest's access met no valid translation, or one without the right
 * @access: PT_READ, PT_WRITE or PT_EXEC
 *
 * Return: 0 (handled: re-enter the guest), -AX_EFAULT (no memory of ours: a device model's business or an abort),
 * -AX_EACCES (the region does not allow it), -AX_ENOMEM (lazy memory could not be had).
 */
int aspace_fault(struct aspace *as, gpa_t gpa, unsigned access);

/**
 * aspace_find_region - the first region that ends above @gpa (it contains @gpa or is the next one)
 * @out: a copy
 *
 * Return: 0 or -AX_ENOENT.
 */
int aspace_find_region(struct aspace *as, gpa_t gpa, struct aspace_region *out);

/**
 * aspace_for_each_region - call @fn with a copy of each region, in ascending order, until it does not return 0
 *
 * Not locked while @fn runs: it may call what it likes.
 *
 * Return: 0 or what @fn returned.
 */
int aspace_for_each_region(struct aspace *as, int (*fn)(const struct aspace_region *region, void *arg), void *arg);

struct aspace_stats {
	uint64_t region_bytes[ASPACE_KINDS]; /* guest addresses by kind */
	uint64_t memory_bytes;               /* host memory owned: identity, allocated, and lazy as far as populated */
	size_t table_pages;
};

void aspace_get_stats(struct aspace *as, struct aspace_stats *stats);
