/* SPDX-License-Identifier: Apache-2.0 */
	.text
	.option arch, +d, +v

	/* void fp_load(const uint64_t values[32]) */
	.globl fp_load
fp_load:
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fld	f\n, \n * 8(a0)
	.endr
	ret

	/* void fp_store(uint64_t values[32]) */
	.globl fp_store
fp_store:
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	fsd	f\n, \n * 8(a0)
	.endr
	ret

	/* void vector_load(const uint64_t values[64]): 16 bytes of each register; the configuration is vl = 2, e64 */
	.globl vector_load
vector_load:
	vsetivli zero, 2, e64, m1, ta, ma
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vle64.v	v\n, (a0)
	addi	a0, a0, 16
	.endr
	ret

	/* void vector_store(uint64_t values[64]): with the configuration that vector_load() left */
	.globl vector_store
vector_store:
	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	vse64.v	v\n, (a0)
	addi	a0, a0, 16
	.endr
	ret

	/* uint64_t fp_add(uint64_t n): n + n as a double */
	.globl fp_add
fp_add:
	fcvt.d.l	fa0, a0
	fadd.d	fa0, fa0, fa0
	fmv.x.d	a0, fa0
	ret

	/* uint64_t vector_sum(uint64_t n): n * vl, added up */
	.globl vector_sum
vector_sum:
	vsetivli zero, 2, e64, m1, ta, ma
	vmv.v.x	v1, a0
	vmv.v.i	v2, 0
	vredsum.vs v2, v1, v2
	vmv.x.s	a0, v2
	ret
