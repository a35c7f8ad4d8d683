/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <axstd/util.h>

/*
 * The identity map that the image runs on until the real tables are built: 2 MiB blocks, writable and executable.
 * Before the MMU is on, this code must not use relocated data: no pointers in initializers, nothing by the GOT.
 */

/**
 * early_map_init - map the image and what may hold the device tree (2 MiB at most). MMU off. Return: the root table.
 */
paddr_t early_map_init(paddr_t image, paddr_t image_end, paddr_t fdt);
/** early_map - map what contains [pa, pa + size) as well. Return: false when the static tables are used up. */
bool early_map(paddr_t pa, uint64_t size, bool device);
