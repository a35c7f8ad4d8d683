/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <axhal/pgtable.h>
#include <stdbool.h>

/** sv_format - of the hypervisor's own tables: Sv39, Sv48, Sv57 for 3, 4, 5 levels. @pbmt: the hardware has Svpbmt. */
const struct pt_format *sv_format(unsigned levels, bool pbmt);
