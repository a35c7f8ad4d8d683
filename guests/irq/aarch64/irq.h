/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Most checks poll the acknowledge register with interrupts masked at the CPU: it returns an interrupt exactly when one
 * could be taken, so nothing depends on timing.
 */
#include <guest.h>
#include <arch.h>
#include <gic.h>
#include <sysreg.h>

#define PRIORITY 0xa0
#define IDLE     0xff

/** prepare - SPI gic_spi(@n), edge, enabled, not pending, to this CPU. Return: its INTID */
unsigned prepare(unsigned n, uint8_t priority);
/** take - acknowledge and check what came */
uint32_t take(const char *name, unsigned expected);
/** nothing - check that there is nothing to acknowledge */
void nothing(const char *name);
/** finish - end what was taken */
static inline void finish(uint32_t iar)
{
	gic_eoi(iar);
}

void check_priorities(void);
void check_states(void);
void check_cpus(void);
