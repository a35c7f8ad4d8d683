/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the C library wants from its surroundings. Our own code has no errno (axstd/error.h).
 */
#include <errno.h>

int errno;
