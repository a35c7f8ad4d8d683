/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <guest.h>
#include <arch.h>
#include <csr.h>
#include <generate.h>
#include <trap.h>

/** check_instructions - those of the isa string, those of M mode and of hypervisors, user mode */
void check_instructions(void);
