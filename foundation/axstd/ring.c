/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/ring.h>
#include <string.h>

/* The part of @len bytes from free-running position @pos that lies before the buffer's end. */
static size_t before_wrap(const struct ring *r, uint32_t pos, size_t len)
{
	size_t room = r->size - (pos & (r->size - 1));

	return len < room ? len : room;
}

static void copy_in(struct ring *r, const uint8_t *src, size_t len)
{
	size_t first = before_wrap(r, r->tail, len);

	memcpy(r->data + (r->tail & (r->size - 1)), src, first);
	memcpy(r->data, src + first, len - first);
	r->tail += (uint32_t)len;
}

size_t ring_write(struct ring *r, const void *src, size_t len)
{
	if (len > ring_free(r))
		len = ring_free(r);
	if (len)
		copy_in(r, src, len);
	return len;
}

size_t ring_overwrite(struct ring *r, const void *src, size_t len)
{
	const uint8_t *bytes = src;
	size_t dropped = 0;

	if (!len)
		return 0;
	if (len > r->size) {
		dropped = len - r->size;
		bytes += dropped;
		len = r->size;
	}
	if (len > ring_free(r)) {
		uint32_t old = (uint32_t)len - ring_free(r);

		r->head += old;
		dropped += old;
	}
	copy_in(r, bytes, len);
	return dropped;
}

size_t ring_peek(const struct ring *r, size_t offset, void *dst, size_t len)
{
	size_t used = ring_used(r);
	uint32_t pos = r->head + (uint32_t)offset;
	size_t first;

	if (offset >= used)
		return 0;
	if (len > used - offset)
		len = used - offset;
	if (!len)
		return 0;
	first = before_wrap(r, pos, len);
	memcpy(dst, r->data + (pos & (r->size - 1)), first);
	memcpy((uint8_t *)dst + first, r->data, len - first);
	return len;
}

size_t ring_read(struct ring *r, void *dst, size_t len)
{
	size_t got = ring_peek(r, 0, dst, len);

	r->head += (uint32_t)got;
	return got;
}
