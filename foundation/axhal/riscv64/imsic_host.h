/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The hypervisor's own use of the IMSIC: its supervisor-level interrupt files. AIA 1.0, chapter 3.
 */
#include "intc.h"

#define IMSIC_MAX_ID 255 /* more identities than sources and IPIs would need are left alone */

/** imsic_init - take the files of all CPUs into use. Return: false when there is none, or not for all (logged). */
bool imsic_init(const struct fdt_riscv *riscv);
/** imsic_init_cpu - let everything through to the calling CPU: sources are masked at the APLIC */
bool imsic_init_cpu(void);
/** imsic_source_id - an identity, the same on all CPUs, for a wired source. Return: -AX_ENOSPC when all are taken. */
int imsic_source_id(unsigned source);
/** imsic_target_hart - the Hart Index field that an APLIC uses for a CPU's files */
uint32_t imsic_target_hart(unsigned cpu);
/** imsic_take - claim the topmost identity; handle it if it is an IPI. Return: the wired source that it is of, or 0. */
unsigned imsic_take(void);
void imsic_send_ipi(unsigned cpu, unsigned kind);
