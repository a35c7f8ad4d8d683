/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the runtime asks of an architecture (guests/runtime/<arch>), beside arch.h, cpu_arch.h, mmu_arch.h, mmio.h and
 * trap_arch.h. Start: the architecture's assembly calls runtime_start() and runtime_start_other().
 */
#include "cpu.h"

#include <stdbool.h>
#include <stdint.h>

_Noreturn void runtime_start(uint64_t hwid, const void *dtb);
_Noreturn void runtime_start_other(struct cpu *cpu, uint64_t hwid);

/** cpu_set_self - what cpu_self() returns on this CPU from now on */
void cpu_set_self(struct cpu *cpu);

void firmware_init(void);
/** firmware_cpu_on - the CPU starts at @entry with @arg where the architecture passes it. Return: 0 or an error */
int firmware_cpu_on(uint64_t hwid, uint64_t entry, uint64_t arg);
void firmware_cpu_off(void);
bool firmware_cpu_is_off(uint64_t hwid);

void intc_init(void);
void intc_init_cpu(void);

/* The timer of timer_irq(): it interrupts from @deadline (clock_read()) on, until it is stopped. */
void timer_init(void);
void timer_set(uint64_t deadline);
void timer_stop(void);

/* From traps. */
struct trap_frame;
/** trap_record - count an exception; false: nobody catches */
bool trap_record(uint64_t cause, uint64_t address, uint64_t pc, uint64_t status);
