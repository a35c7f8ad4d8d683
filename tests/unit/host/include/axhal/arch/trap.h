/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../../../../../foundation/axhal/aarch64/include/axhal/arch/trap.h"
