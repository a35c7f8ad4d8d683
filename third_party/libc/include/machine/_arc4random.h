/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Our getentropy() does not fail: there is nobody to tell. */
#define _ARC4RANDOM_GETENTROPY_FAIL() __builtin_trap()
