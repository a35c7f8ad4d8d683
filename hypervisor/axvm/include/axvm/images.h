/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Files linked into the binary: VM configurations and guest images (image_location = "memory"). The build makes the
 * table.
 */
#include <stddef.h>
#include <stdint.h>

struct builtin_image {
	const char *path;
	const uint8_t *start, *end;
};

/** builtin_image - the n-th file, NULL past the end */
const struct builtin_image *builtin_image(size_t index);
