/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Plain structures: the same as on the target. Tests provide gic_info() and timer_info() as they need them. */
#include "../../../../../../foundation/axhal/aarch64/include/axhal/arch/gic.h"
