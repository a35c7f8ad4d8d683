/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* CSRs by name or number. */
#include <stdbool.h>
#include <stdint.h>

/* Those that not every assembler knows. */
#define CSR_STIMECMP 0x14d
#define CSR_SISELECT 0x150
#define CSR_SIREG    0x151
#define CSR_STOPEI   0x15c
#define CSR_SENVCFG  0x10a

#define CSR_TEXT_(name) #name
#define CSR_TEXT(name)  CSR_TEXT_(name)

#define csr_read(name)                                                                    \
	({                                                                                \
		uint64_t value_;                                                          \
		__asm__ volatile("csrr %0, " CSR_TEXT(name) : "=r"(value_) : : "memory"); \
		value_;                                                                   \
	})
#define csr_write(name, value)                                                                           \
	do {                                                                                             \
		__asm__ volatile("csrw " CSR_TEXT(name) ", %z0" : : "rJ"((uint64_t)(value)) : "memory"); \
	} while (0)
#define csr_set(name, bits)                                                                             \
	do {                                                                                            \
		__asm__ volatile("csrs " CSR_TEXT(name) ", %z0" : : "rJ"((uint64_t)(bits)) : "memory"); \
	} while (0)
#define csr_clear(name, bits)                                                                           \
	do {                                                                                            \
		__asm__ volatile("csrc " CSR_TEXT(name) ", %z0" : : "rJ"((uint64_t)(bits)) : "memory"); \
	} while (0)
#define csr_swap(name, value)                                        \
	({                                                           \
		uint64_t value_;                                     \
		__asm__ volatile("csrrw %0, " CSR_TEXT(name) ", %z1" \
				 : "=r"(value_)                      \
				 : "rJ"((uint64_t)(value))           \
				 : "memory");                        \
		value_;                                              \
	})

#define SSTATUS_SIE  (1ULL << 1)
#define SSTATUS_SPIE (1ULL << 5)
#define SSTATUS_SPP  (1ULL << 8)
#define SSTATUS_VS   (3ULL << 9)
#define SSTATUS_FS   (3ULL << 13)
#define SSTATUS_SUM  (1ULL << 18)
#define SSTATUS_MXR  (1ULL << 19)

#define SIE_SSIE (1ULL << 1)
#define SIE_STIE (1ULL << 5)
#define SIE_SEIE (1ULL << 9)

#define CAUSE_INTERRUPT (1ULL << 63)

enum cause {
	CAUSE_INSN_MISALIGNED,
	CAUSE_INSN_ACCESS,
	CAUSE_ILLEGAL_INSN,
	CAUSE_BREAKPOINT,
	CAUSE_LOAD_MISALIGNED,
	CAUSE_LOAD_ACCESS,
	CAUSE_STORE_MISALIGNED,
	CAUSE_STORE_ACCESS,
	CAUSE_ECALL_U,
	CAUSE_INSN_PAGE = 12,
	CAUSE_LOAD_PAGE,
	CAUSE_STORE_PAGE = 15,
};

/** isa_has - is the extension (lower case) in the isa strings of the device tree? */
bool isa_has(const char *extension);
