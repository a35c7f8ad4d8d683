/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "hostile.h"
#include <guest.h>
#include <arch.h>
#include <cpu.h>
#include <generate.h>
#include <gic.h>
#include <hooks.h>
#include <mmu.h>
#include <psci.h>
#include <sysreg.h>
#include <timer.h>
#include <trap.h>

#define PAGE 4096ULL

/* Unused guest-physical addresses: within 256 GiB, and on a device. */
#define NOWHERE 0x0b000000ULL

void attack_system_registers(void);
void attack_system_instructions(void);
void attack_hypercalls(void);
void attack_devices(void);
void attack_sgis(void);
void attack_state(void);
void attack_el0(void);
void attack_cpus(void);
