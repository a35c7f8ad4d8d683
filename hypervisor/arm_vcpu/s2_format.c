/* SPDX-License-Identifier: Apache-2.0 */
#include "s2_format.h"

/* Descriptors, D8.3.1 and D8.5: lower attributes of stage 2. */
#define S2_VALID        BIT(0)
#define S2_TABLE        BIT(1) /* at level 3: page */
#define S2_MEMATTR      GENMASK(5, 2)
#define S2_DEVICE_nGnRE (UINT64_C(0x1) << 2)
#define S2_NORMAL_NC    (UINT64_C(0x5) << 2)
#define S2_NORMAL_WB    (UINT64_C(0xf) << 2)
#define S2_AP_READ      BIT(6)
#define S2_AP_WRITE     BIT(7)
#define S2_SH_OUTER     (UINT64_C(2) << 8)
#define S2_SH_INNER     (UINT64_C(3) << 8)
#define S2_AF           BIT(10)
#define S2_XN           BIT(54) /* alone: at EL1 and EL0, with FEAT_XNX as without */
#define S2_ADDRESS      GENMASK(47, 12)

/* VTCR_EL2 */
#define VTCR_T0SZ(ipa)  ((uint64_t)(64 - (ipa)))
#define VTCR_SL0_LEVEL1 (UINT64_C(1) << 6)
#define VTCR_SL0_LEVEL0 (UINT64_C(2) << 6)
#define VTCR_IRGN0_WBWA (UINT64_C(1) << 8)
#define VTCR_ORGN0_WBWA (UINT64_C(1) << 10)
#define VTCR_SH0_INNER  (UINT64_C(3) << 12)
#define VTCR_TG0_4K     (UINT64_C(0) << 14)
#define VTCR_PS(x)      ((uint64_t)(x) << 16)
#define VTCR_VS_16BIT   BIT(19)
#define VTCR_RES1       BIT(31)

#define PARANGE_48 5

/* Level 1 resolves 39 bits with one table, 43 with 16 of them; above that the walk starts at level 0 (D8.2.2). */
#define LEVEL1_BITS     39
#define LEVEL1_BITS_MAX 43

static bool leaf_allowed(unsigned level)
{
	return level <= 2;
}

static uint64_t make_leaf(paddr_t pa, unsigned flags, unsigned level)
{
	uint64_t entry = (pa & S2_ADDRESS) | S2_AF | S2_VALID;

	if (level == 0)
		entry |= S2_TABLE;
	if (flags & PT_DEVICE)
		entry |= S2_DEVICE_nGnRE;
	else if (flags & PT_UNCACHED)
		entry |= S2_NORMAL_NC | S2_SH_OUTER;
	else
		entry |= S2_NORMAL_WB | S2_SH_INNER;
	if (flags & PT_READ)
		entry |= S2_AP_READ;
	if (flags & PT_WRITE)
		entry |= S2_AP_WRITE;
	if (!(flags & PT_EXEC) || flags & PT_DEVICE)
		entry |= S2_XN;
	return entry;
}

static unsigned leaf_flags(uint64_t entry)
{
	unsigned flags = 0;

	if (entry & S2_AP_READ)
		flags |= PT_READ;
	if (entry & S2_AP_WRITE)
		flags |= PT_WRITE;
	if (!(entry & S2_XN))
		flags |= PT_EXEC;
	if ((entry & S2_MEMATTR) == S2_DEVICE_nGnRE)
		flags |= PT_DEVICE;
	else if ((entry & S2_MEMATTR) == S2_NORMAL_NC)
		flags |= PT_UNCACHED;
	return flags;
}

static uint64_t make_table(paddr_t table)
{
	return (table & S2_ADDRESS) | S2_TABLE | S2_VALID;
}

static bool is_valid(uint64_t entry)
{
	return entry & S2_VALID;
}

static bool is_leaf(uint64_t entry, unsigned level)
{
	return level == 0 || !(entry & S2_TABLE);
}

static paddr_t entry_pa(uint64_t entry, unsigned level)
{
	return entry & S2_ADDRESS;
}

#define FORMAT(bits)                                                                                                   \
	{                                                                                                              \
		.name = "stage 2, " #bits " bits", .levels = (bits) > LEVEL1_BITS_MAX ? 4 : 3,                         \
		.root_pages = (bits) > LEVEL1_BITS && (bits) <= LEVEL1_BITS_MAX ? 1 << ((bits)-LEVEL1_BITS) : 1,       \
		.input_bits = (bits), .break_before_make = true, .leaf_allowed = leaf_allowed, .make_leaf = make_leaf, \
		.make_table = make_table, .is_valid = is_valid, .is_leaf = is_leaf, .entry_pa = entry_pa,              \
		.leaf_flags = leaf_flags,                                                                              \
	}

/* The sizes of physical addresses that CPUs have, and what one root page reaches. */
static const struct pt_format formats[] = {
	FORMAT(32), FORMAT(36), FORMAT(39), FORMAT(40), FORMAT(42), FORMAT(44), FORMAT(48),
};

const struct pt_format *s2_format_for(unsigned ipa_bits)
{
	const struct pt_format *format = formats;

	if (ipa_bits < S2_IPA_BITS_MIN || ipa_bits > S2_IPA_BITS_MAX)
		return NULL;
	while (format->input_bits < ipa_bits) /* the last one has S2_IPA_BITS_MAX */
		format++;
	return format;
}

static unsigned pa_range(uint64_t mmfr0)
{
	return MIN((unsigned)FIELD(mmfr0, 3, 0), (unsigned)PARANGE_48);
}

unsigned s2_pa_bits(uint64_t mmfr0)
{
	static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

	return bits[pa_range(mmfr0)];
}

unsigned s2_vmid_bits(uint64_t mmfr1)
{
	return FIELD(mmfr1, 7, 4) == 2 ? 16 : 8;
}

uint64_t s2_vtcr(unsigned ipa_bits, uint64_t mmfr0, uint64_t mmfr1)
{
	const struct pt_format *format = s2_format_for(ipa_bits);
	uint64_t vtcr = VTCR_RES1 | VTCR_TG0_4K | VTCR_SH0_INNER | VTCR_ORGN0_WBWA | VTCR_IRGN0_WBWA;

	if (!format || ipa_bits > s2_pa_bits(mmfr0))
		return 0;
	vtcr |= VTCR_T0SZ(ipa_bits) | VTCR_PS(pa_range(mmfr0));
	vtcr |= format->levels == 4 ? VTCR_SL0_LEVEL0 : VTCR_SL0_LEVEL1;
	if (s2_vmid_bits(mmfr1) == 16)
		vtcr |= VTCR_VS_16BIT;
	return vtcr;
}
