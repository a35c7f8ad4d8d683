/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Images as streams of bytes: a file or a piece of this binary, as it is or unpacked by gzip on the way.
 */
#include <axvm/vm.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

#define STREAM_IN_MEMORY 1 /* an image that is linked into the binary, not a file of the file system */
#define STREAM_UNPACK    2 /* gzip data are unpacked while they are read; other data come as they are */

/** stream_open - Return: 0, -AX_ENOENT, -AX_EIO, -AX_ENOMEM; @err says which file. */
int stream_open(const char *path, unsigned flags, struct stream **out, struct vm_error *err);
/** stream_size - bytes as they are stored */
uint64_t stream_size(const struct stream *stream);
/**
 * stream_read - fill @buffer; less than @len only at the end. Return: bytes, or a negative error with @err filled in.
 */
int64_t stream_read(struct stream *stream, void *buffer, size_t len, struct vm_error *err);
void stream_close(struct stream *stream);
