/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Power of the whole machine. Where firmware offers nothing the CPU halts for ever.
 */
_Noreturn void power_off(void);
_Noreturn void power_reset(void);
