/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ooFatFs with our configuration. Everybody includes this file and never ff.h itself.
 */
#define FFCONF_H "../../oofatfs/include/ffconf_axvisor.h" /* as seen from ff.h */

#include "../../src/oofatfs/ff.h"
#include "../../src/oofatfs/diskio.h"
