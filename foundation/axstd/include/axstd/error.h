/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Error codes of the whole house: functions return 0 or a negative AX_E* value.
 */

enum {
	AX_EPERM = 1,    /* not allowed */
	AX_ENOENT,       /* no such file, node, VM or device */
	AX_EIO,          /* the device or the medium failed */
	AX_ENOMEM,       /* out of memory */
	AX_EACCES,       /* access rights do not allow it */
	AX_EFAULT,       /* address not mapped */
	AX_EBUSY,        /* in use, or in a state that forbids it now */
	AX_EEXIST,       /* already there, or overlaps what is there */
	AX_ENODEV,       /* no such hardware */
	AX_ENOTDIR,      /* a path component is not a directory */
	AX_EISDIR,       /* is a directory */
	AX_EINVAL,       /* invalid argument or format */
	AX_ENOSPC,       /* volume or table full */
	AX_EROFS,        /* read-only */
	AX_ERANGE,       /* outside the allowed range */
	AX_ENAMETOOLONG, /* name or path too long */
	AX_ENOTEMPTY,    /* directory not empty */
	AX_EOVERFLOW,    /* does not fit */
	AX_ETIMEDOUT,    /* the time is over */
	AX_ENOTSUP,      /* not supported */
	AX_EINTR,        /* interrupted by a stop request */
	AX_ESTATE,       /* wrong state for this operation */
	AX_EMAX,
};

/**
 * error_text - a short English text for an error code
 * @err: 0 or an AX_E* value, positive or negative
 *
 * Return: a constant string, "unknown error" when @err is none of ours. Any context.
 */
const char *error_text(int err);
