/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The ISA of a hart, from its node in the device tree: masks of enum riscv_ext. Names of no interest are left out.
 */
#include "../platform_fdt.h"
#include <axhal/arch/isa.h>

/** isa_read_list - riscv,isa-extensions */
uint64_t isa_read_list(const struct fdt_data *list);
/** isa_read_string - riscv,isa: Unprivileged Specification, "ISA Extension Naming Conventions" */
uint64_t isa_read_string(const char *isa);
