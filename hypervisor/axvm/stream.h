/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Images as streams of bytes: a file, a piece of this binary, and either of them unpacked by gzip on the way.
 */
#include <axvm/vm.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

/**
 * stream_open - @path: of a file of the file system, or (@in_memory) of an image linked into the binary
 * A gzip member is unpacked while it is read. Return: 0, -AX_ENOENT, -AX_EIO, -AX_ENOMEM; @err says which file.
 */
int stream_open(const char *path, bool in_memory, struct stream **out, struct vm_error *err);
/**
 * stream_read - fill @buffer; less than @len only at the end. Return: bytes, or a negative error with @err filled in.
 */
int64_t stream_read(struct stream *stream, void *buffer, size_t len, struct vm_error *err);
void stream_close(struct stream *stream);
