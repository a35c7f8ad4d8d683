/* SPDX-License-Identifier: Apache-2.0 */
/* CSRs by number. */
#include "generate.h"

uint64_t csr_try_read(unsigned csr, struct trap *trap)
{
	generate_start();
	generate(INSN_CSRR(csr));
	return generate_run(0, trap);
}

void csr_try_write(unsigned csr, uint64_t value, struct trap *trap)
{
	generate_start();
	generate(INSN_CSRW(csr));
	generate_run(value, trap);
}
