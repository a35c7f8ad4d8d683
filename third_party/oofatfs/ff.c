/* SPDX-License-Identifier: Apache-2.0 */
#include "include/oofatfs.h"
#include "../src/oofatfs/ff.c"
