/* SPDX-License-Identifier: Apache-2.0 */
#include "stream.h"
#include "vm.h"
#include <axalloc/heap.h>
#include <axfs/fs.h>
#include <axstd/error.h>
#include <axvm/images.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define INPUT_SIZE 65536

struct stream {
	const char *path;
	struct fs_file *file;      /* NULL: built-in */
	const uint8_t *next, *end; /* built-in: what is left */
	uint64_t size;             /* as stored */
	bool gzip, ended;
	z_stream z;
	uint8_t input[INPUT_SIZE]; /* gzip: compressed bytes */
};

extern const struct builtin_image __start_table_vm_images[], __stop_table_vm_images[];

const struct builtin_image *builtin_image(size_t index)
{
	return index < (size_t)(__stop_table_vm_images - __start_table_vm_images) ? &__start_table_vm_images[index]
										  : NULL;
}

static voidpf z_alloc(voidpf opaque, uInt items, uInt size)
{
	return kcalloc(items, size);
}

static void z_free(voidpf opaque, voidpf address)
{
	kfree(address);
}

static int open_builtin(struct stream *s)
{
	const struct builtin_image *image;

	for (size_t i = 0; (image = builtin_image(i)); i++) {
		if (!strcmp(image->path, s->path)) {
			s->next = image->start;
			s->end = image->end;
			s->size = (uint64_t)(image->end - image->start);
			return 0;
		}
	}
	return -AX_ENOENT;
}

static int open_file(struct stream *s)
{
	struct fs_stat stat = { 0 };
	int ret = fs_open(s->path, FS_READ, &s->file);

	if (!ret)
		ret = fs_fstat(s->file, &stat);
	if (!ret)
		s->size = stat.size;
	return ret;
}

/* Bytes as they are stored. */
static int64_t read_raw(struct stream *s, void *buffer, size_t len)
{
	if (s->file)
		return fs_read(s->file, buffer, len);
	len = MIN(len, (size_t)(s->end - s->next));
	memcpy(buffer, s->next, len);
	s->next += len;
	return (int64_t)len;
}

static int rewind_raw(struct stream *s, size_t read)
{
	if (s->file)
		return fs_seek(s->file, 0);
	s->next -= read;
	return 0;
}

/* gzip's magic number (RFC 1952) decides; then everything is read again from the start. */
static int detect_gzip(struct stream *s)
{
	int64_t n = read_raw(s, s->input, 2);
	int err;

	if (n < 0)
		return (int)n;
	err = rewind_raw(s, (size_t)n);
	if (err || n < 2 || s->input[0] != 0x1f || s->input[1] != 0x8b)
		return err;
	s->gzip = true;
	s->z.zalloc = z_alloc;
	s->z.zfree = z_free;
	return inflateInit2(&s->z, 16 + MAX_WBITS) == Z_OK ? 0 : -AX_ENOMEM;
}

int stream_open(const char *path, unsigned flags, struct stream **out, struct vm_error *err)
{
	struct stream *s = kzalloc(sizeof(*s));
	bool in_memory = flags & STREAM_IN_MEMORY;
	int ret;

	if (!s)
		return vm_fail(err, -AX_ENOMEM, "%s: out of memory", path);
	s->path = path;
	ret = in_memory ? open_builtin(s) : open_file(s);
	if (!ret && (flags & STREAM_UNPACK))
		ret = detect_gzip(s);
	if (ret) {
		stream_close(s);
		return vm_fail(err, ret, "%s: %s", path,
			       ret == -AX_ENOENT && in_memory ? "not linked into this binary" : error_text(ret));
	}
	*out = s;
	return 0;
}

uint64_t stream_size(const struct stream *s)
{
	return s->size;
}

static int64_t inflate_some(struct stream *s, void *buffer, size_t len, struct vm_error *err)
{
	s->z.next_out = buffer;
	s->z.avail_out = (uInt)len;
	while (s->z.avail_out && !s->ended) {
		int ret;

		if (!s->z.avail_in) {
			int64_t n = read_raw(s, s->input, INPUT_SIZE);

			if (n < 0)
				return vm_fail(err, (int)n, "%s: %s", s->path, error_text((int)n));
			if (n == 0)
				return vm_fail(err, -AX_EIO, "%s: the gzip data end too early", s->path);
			s->z.next_in = s->input;
			s->z.avail_in = (uInt)n;
		}
		ret = inflate(&s->z, Z_NO_FLUSH);
		if (ret == Z_STREAM_END)
			s->ended = true;
		else if (ret != Z_OK)
			return vm_fail(err, -AX_EIO, "%s: the gzip data are damaged (%s)", s->path,
				       s->z.msg ? s->z.msg : "?");
	}
	return (int64_t)(len - s->z.avail_out);
}

int64_t stream_read(struct stream *s, void *buffer, size_t len, struct vm_error *err)
{
	size_t done = 0;

	if (s->gzip)
		return inflate_some(s, buffer, len, err);
	while (done < len) {
		int64_t n = read_raw(s, (char *)buffer + done, len - done);

		if (n < 0)
			return vm_fail(err, (int)n, "%s: %s", s->path, error_text((int)n));
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}

void stream_close(struct stream *s)
{
	if (s->gzip)
		inflateEnd(&s->z);
	if (s->file)
		fs_close(s->file);
	kfree(s);
}
