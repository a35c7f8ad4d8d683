/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/error.h>
#include <axstd/util.h>

static const char *const texts[AX_EMAX] = {
	[0] = "success",
	[AX_EPERM] = "operation not permitted",
	[AX_ENOENT] = "not found",
	[AX_EIO] = "input/output error",
	[AX_ENOMEM] = "out of memory",
	[AX_EACCES] = "access denied",
	[AX_EFAULT] = "address not mapped",
	[AX_EBUSY] = "busy",
	[AX_EEXIST] = "already exists",
	[AX_ENODEV] = "no such device",
	[AX_ENOTDIR] = "not a directory",
	[AX_EISDIR] = "is a directory",
	[AX_EINVAL] = "invalid argument or format",
	[AX_ENOSPC] = "no space left",
	[AX_EROFS] = "read-only",
	[AX_ERANGE] = "out of range",
	[AX_ENAMETOOLONG] = "name too long",
	[AX_ENOTEMPTY] = "directory not empty",
	[AX_EOVERFLOW] = "does not fit",
	[AX_ETIMEDOUT] = "timed out",
	[AX_ENOTSUP] = "not supported",
	[AX_EINTR] = "interrupted",
	[AX_ESTATE] = "not possible in this state",
};

const char *error_text(int err)
{
	unsigned index = err < 0 ? -(unsigned)err : (unsigned)err;

	return index < ARRAY_SIZE(texts) && texts[index] ? texts[index] : "unknown error";
}
