/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ooFatFs as AxVisor uses it: read and write, long names in UTF-8, sectors of 512 bytes. The meaning of each option
 * stands in the library's own ffconf.h. No include guard: ff.h includes this once.
 */
#define FFCONF_DEF 86604 /* revision of the library this file was written for */

/* Functions */
#define FF_FS_READONLY  0
#define FF_FS_MINIMIZE  0
#define FF_USE_STRFUNC  0
#define FF_USE_FIND     0
#define FF_USE_MKFS     0
#define FF_USE_FASTSEEK 0
#define FF_USE_EXPAND   0
#define FF_USE_CHMOD    0
#define FF_USE_LABEL    0
#define FF_USE_FORWARD  0

/* Names */
#define FF_CODE_PAGE   437
#define FF_USE_LFN     2 /* working buffer of 512 bytes on the stack */
#define FF_MAX_LFN     255
#define FF_LFN_UNICODE 2 /* UTF-8 */
#define FF_LFN_BUF     255
#define FF_SFN_BUF     34 /* 11 characters of at most 3 bytes, and the dot */
#define FF_STRF_ENCODE 3
#define FF_FS_RPATH    0

/* Volumes: axfs finds the partition itself, so a drive is always one volume. */
#define FF_VOLUMES         1
#define FF_STR_VOLUME_ID   0
#define FF_MULTI_PARTITION 0
#define FF_MIN_SS          512
#define FF_MAX_SS          512
#define FF_USE_TRIM        0
#define FF_FS_NOFSINFO     0

/* System: a sector buffer per open file; axfs locks volumes and knows which files are open. */
#define FF_FS_TINY      0
#define FF_FS_EXFAT     0
#define FF_FS_NORTC     1
#define FF_NORTC_MON    1
#define FF_NORTC_MDAY   1
#define FF_NORTC_YEAR   2025
#define FF_FS_LOCK      0
#define FF_FS_REENTRANT 0
#define FF_FS_TIMEOUT   1000
#define FF_SYNC_t       void *
