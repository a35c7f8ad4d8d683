/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking guest memory up and copying to and from it. A piece is copied while the address space is locked, so that its
 * memory cannot be taken away meanwhile.
 */
#include <string.h>
#include <axaddrspace/aspace.h>
#include <axhal/mem.h>
#include <axstd/error.h>
#include "memory.h"
#include "region.h"

#define PIECE KIB(16) /* copied with interrupts off at most */

/* After that many lost races on one page the answer is that it is not there. */
#define MAX_RETRIES 16

int aspace_translate(struct aspace *as, gpa_t gpa, paddr_t *hpa, uint64_t *size, unsigned *flags)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	const struct aspace_region *r = region_at(as, gpa);
	struct pt_translation t;
	int err = r ? pgtable_translate(&as->table, gpa, &t) : -AX_EFAULT;

	if (!err && hpa)
		*hpa = t.pa;
	if (!err && size)
		*size = MIN(t.size - gpa % t.size, region_end(r) - gpa);
	if (!err && flags)
		*flags = r->flags;
	spin_unlock_irqrestore(&as->lock, irq);
	return err;
}

int aspace_fault(struct aspace *as, gpa_t gpa, unsigned access)
{
	uint64_t irq = spin_lock_irqsave(&as->lock);
	const struct aspace_region *r = region_at(as, gpa);
	bool lazy = r && r->kind == ASPACE_LAZY;
	int err = 0;

	if (!r || r->kind == ASPACE_RESERVED)
		err = -AX_EFAULT;
	else if (access & ~r->flags)
		err = -AX_EACCES;
	spin_unlock_irqrestore(&as->lock, irq);
	/* Without a reason for the fault: it was in a break-before-make window, or another CPU was faster. */
	return err || !lazy ? err : memory_populate(as, gpa);
}

/* What is done to a piece of guest memory. NULL: lazy memory without a page behind it. */
struct access {
	void (*piece)(char *guest, char *buf, size_t len);
	char *buf;
	unsigned rights;
	bool populate;
};

/* One piece. Return: how many bytes, 0 if there is lazy memory to populate first, -AX_EFAULT, -AX_EACCES. Locked. */
static int64_t access_piece(struct aspace *as, const struct access *a, gpa_t gpa, uint64_t len)
{
	const struct aspace_region *r = region_at(as, gpa);
	struct pt_translation t;

	if (!r || r->kind == ASPACE_RESERVED)
		return -AX_EFAULT;
	if (r->kind == ASPACE_DEVICE || a->rights & ~r->flags)
		return -AX_EACCES;
	len = MIN(len, region_end(r) - gpa);
	len = MIN(len, (uint64_t)PIECE);
	if (!pgtable_translate(&as->table, gpa, &t)) {
		len = MIN(len, t.size - gpa % t.size);
		a->piece(phys_to_virt(t.pa), a->buf, len);
		return len;
	}
	if (r->kind != ASPACE_LAZY)
		return -AX_EFAULT;
	if (a->populate)
		return 0;
	len = MIN(len, PAGE_SIZE - gpa % PAGE_SIZE);
	a->piece(NULL, a->buf, len);
	return len;
}

static int access_range(struct aspace *as, struct access a, gpa_t gpa, uint64_t len)
{
	unsigned retries = 0;

	if (len && gpa + (len - 1) < gpa)
		return -AX_EFAULT;
	while (len) {
		uint64_t irq = spin_lock_irqsave(&as->lock);
		int64_t done = access_piece(as, &a, gpa, len);

		spin_unlock_irqrestore(&as->lock, irq);
		if (!done) {
			done = ++retries < MAX_RETRIES ? memory_populate(as, gpa) : -AX_EFAULT;
		} else if (done > 0) {
			retries = 0;
			gpa += done;
			len -= done;
			a.buf = a.buf ? a.buf + done : NULL;
		}
		if (done < 0)
			return (int)done;
	}
	return 0;
}

static void piece_read(char *guest, char *buf, size_t len)
{
	if (guest)
		memcpy(buf, guest, len);
	else
		memset(buf, 0, len);
}

static void piece_write(char *guest, char *buf, size_t len)
{
	memcpy(guest, buf, len);
}

static void piece_zero(char *guest, char *buf, size_t len)
{
	if (guest)
		memset(guest, 0, len);
}

static void piece_sync(char *guest, char *buf, size_t len)
{
	if (guest)
		cache_clean_invalidate(guest, len);
}

int aspace_read(struct aspace *as, gpa_t gpa, void *buf, size_t len)
{
	return access_range(as, (struct access){ piece_read, buf, PT_READ, false }, gpa, len);
}

int aspace_write(struct aspace *as, gpa_t gpa, const void *buf, size_t len)
{
	return access_range(as, (struct access){ piece_write, (char *)(uintptr_t)buf, PT_WRITE, true }, gpa, len);
}

int aspace_load(struct aspace *as, gpa_t gpa, const void *buf, size_t len)
{
	return access_range(as, (struct access){ piece_write, (char *)(uintptr_t)buf, 0, true }, gpa, len);
}

int aspace_zero(struct aspace *as, gpa_t gpa, uint64_t len)
{
	return access_range(as, (struct access){ piece_zero, NULL, PT_WRITE, false }, gpa, len);
}

int aspace_sync_code(struct aspace *as, gpa_t gpa, uint64_t size)
{
	int err = access_range(as, (struct access){ piece_sync, NULL, 0, false }, gpa, size);

	cache_forget_code();
	return err;
}
