/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

static uint64_t load_bytes(uint64_t gva, uint64_t *cause)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8 && !*cause; i++)
		value |= guest_load_byte(gva + i, cause) << (8 * i);
	return value;
}

uint64_t riscv_read_guest_long(uint64_t gva, uint64_t *value)
{
	uint64_t cause = 0, stvec = guest_load_begin();
	uint64_t read = gva & 7 ? load_bytes(gva, &cause) : guest_load_long(gva, &cause);

	guest_load_end(stvec);
	if (!cause)
		*value = read;
	return cause;
}
