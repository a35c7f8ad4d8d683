/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the harts of this machine can do: what all of them have, by the device tree (riscv,isa-extensions or riscv,isa;
 * Documentation/devicetree/bindings/riscv/extensions.yaml of Linux).
 */
#include <stdbool.h>
#include <stdint.h>

/* Extensions that somebody here asks for, or that a guest is told of. Name as in riscv,isa-extensions. */
/* clang-format off */
#define RISCV_EXTENSIONS(X)                                                                          \
	X(I, "i") X(M, "m") X(A, "a") X(F, "f") X(D, "d") X(C, "c") X(V, "v") X(H, "h")              \
	X(ZICSR, "zicsr") X(ZIFENCEI, "zifencei") X(ZICNTR, "zicntr") X(ZIHPM, "zihpm")              \
	X(ZIHINTPAUSE, "zihintpause") X(ZICBOM, "zicbom") X(ZICBOZ, "zicboz") X(ZICBOP, "zicbop")    \
	X(ZBA, "zba") X(ZBB, "zbb") X(ZBC, "zbc") X(ZBS, "zbs") X(ZICOND, "zicond")                  \
	X(SSTC, "sstc") X(SVINVAL, "svinval") X(SVNAPOT, "svnapot") X(SVPBMT, "svpbmt")              \
	X(SVADU, "svadu") X(SMSTATEEN, "smstateen") X(SSAIA, "ssaia") X(SMAIA, "smaia")
/* clang-format on */

#define RISCV_EXT_INDEX(index, name) RISCV_EXT_##index,
enum riscv_ext { RISCV_EXTENSIONS(RISCV_EXT_INDEX) RISCV_EXTS };

struct riscv_info {
	uint64_t extensions;                         /* bit: enum riscv_ext */
	uint64_t timebase;                           /* Hz, of the time CSR */
	unsigned cbom_block, cboz_block, cbop_block; /* bytes; 0: not told */
	unsigned satp_levels;                        /* of the largest mode that the hardware accepts: 3 (Sv39), 4, 5 */
};

/** riscv_info - constant once kernel_main() runs */
const struct riscv_info *riscv_info(void);

/** riscv_has - do all harts have the extension? */
static inline bool riscv_has(enum riscv_ext ext)
{
	return riscv_info()->extensions >> ext & 1;
}

/** riscv_ext_name - "zicbom" */
const char *riscv_ext_name(enum riscv_ext ext);
