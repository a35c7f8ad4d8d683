/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Instructions that may raise an exception: registers and operations that the device tree promises, but the firmware
 * has to allow; addresses that may not be mapped.
 */
#include <stdint.h>

/* Run @insn (its operands follow; t0 may be used); interrupts off, sepc and the like are lost. Return: did it run? */
#define TRY(insn, ...)                                                                \
	({                                                                            \
		uint64_t through_, vector_;                                           \
		__asm__ volatile("lla %[vector], 1f\n\t"                              \
				 "csrrw %[vector], stvec, %[vector]\n\t"              \
				 "li %[through], 0\n\t" insn "\n\t"                   \
				 "li %[through], 1\n\t"                               \
				 ".balign 4\n"                                        \
				 "1:\n\t"                                             \
				 "csrw stvec, %[vector]"                              \
				 : [through] "=&r"(through_), [vector] "=&r"(vector_) \
				 : __VA_ARGS__                                        \
				 : "t0", "memory");                                   \
		through_ != 0;                                                        \
	})
