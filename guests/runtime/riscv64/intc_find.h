/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>

/** intc_find - fill in intc and each CPU's intc_index from the device tree. Return: is there a controller? */
bool intc_find(void);
