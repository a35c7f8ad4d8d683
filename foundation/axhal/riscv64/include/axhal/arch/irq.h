/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Numbers of host interrupts on RISC-V, as irq_register() takes them. 0 .. 15 are the hart's own (the cause numbers of
 * scause), then come the IPIs, and from 32 on the wires of the PLIC or APLIC.
 */
#define RISCV_IRQ_TIMER        5
#define RISCV_IRQ_GUEST_EXT    12 /* a guest interrupt file has something for a vCPU that does not run (SGEI) */
#define RISCV_IRQ_IPI          16
#define RISCV_IRQ_SOURCE       32
#define RISCV_IRQ_OF_SOURCE(n) (RISCV_IRQ_SOURCE + (n))
