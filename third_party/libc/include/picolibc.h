/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Our configuration of picolibc: one thread as far as it knows, integer formats only. */
#define __PICOLIBC_VERSION__ "1.8.10"
#define __PICOLIBC__         1
#define __PICOLIBC_MINOR__   8
#define __GLOBAL_ERRNO       1
#define __SINGLE_THREAD      1
#define __IO_DEFAULT         'i'
#define __IO_C99_FORMATS     1
#define __IO_LONG_LONG       1
#define __TINY_STDIO         1
