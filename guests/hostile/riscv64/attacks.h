/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "hostile.h"
#include <arch.h>
#include <cpu.h>
#include <generate.h>
#include <hooks.h>
#include <intc.h>
#include <mmio.h>
#include <mmu.h>
#include <ns16550.h>
#include <sbi.h>
#include <timer.h>
#include <trap.h>

#define PAGE 4096ULL

/* Unused guest-physical addresses: beside devices, and far above memory. */
#define NOWHERE  0x0b000000ULL
#define FAR_AWAY 0x3f00000000ULL

void attack_sbi(void);
void attack_csrs(void);
void attack_instructions(void);
void attack_devices(void);
void attack_ipis(void);
void attack_state(void);
void attack_user(void);
void attack_sleep(void);
void attack_cpus(void);
