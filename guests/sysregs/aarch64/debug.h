/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/** check_debug_exceptions - breakpoint and software step exceptions of EL1 */
void check_debug_exceptions(void);
