/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of ISA extensions, as device trees write them.
 */
#include "isa.h"
#include <string.h>

#define RISCV_EXT_NAME(index, name) name,
static const char names[RISCV_EXTS][16] = { RISCV_EXTENSIONS(RISCV_EXT_NAME) };

#define EXT(index) BIT(RISCV_EXT_##index)

/* What stands for several. */
static const struct {
	char name[4];
	uint64_t extensions;
} bundles[] = {
	{ "g", EXT(I) | EXT(M) | EXT(A) | EXT(F) | EXT(D) | EXT(ZICSR) | EXT(ZIFENCEI) },
	{ "b", EXT(ZBA) | EXT(ZBB) | EXT(ZBS) },
};

const char *riscv_ext_name(enum riscv_ext ext)
{
	return names[ext];
}

static uint64_t find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(bundles); i++)
		if (len == strlen(bundles[i].name) && !memcmp(bundles[i].name, name, len))
			return bundles[i].extensions;
	for (unsigned i = 0; i < RISCV_EXTS; i++)
		if (len == strlen(names[i]) && !memcmp(names[i], name, len))
			return BIT(i);
	return 0;
}

uint64_t isa_read_list(const struct fdt_data *list)
{
	uint64_t extensions = 0;

	for (const char *name = NULL; (name = fdt_next_string(list, name));)
		extensions |= find(name, strlen(name));
	return extensions;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of @text without a version at its end: "2", "2p0". */
static size_t strip_version(const char *text, size_t len)
{
	size_t end = len;

	while (end && is_digit(text[end - 1]))
		end--;
	if (end > 1 && end < len && text[end - 1] == 'p' && is_digit(text[end - 2]))
		for (end--; end && is_digit(text[end - 1]);)
			end--;
	return end;
}

/* A version after a single letter. */
static size_t skip_version(const char *text)
{
	size_t len = strspn(text, "0123456789");

	if (len && text[len] == 'p' && is_digit(text[len + 1]))
		len += 1 + strspn(text + len + 1, "0123456789");
	return len;
}

uint64_t isa_read_string(const char *isa)
{
	uint64_t extensions = 0;
	size_t len;

	if (strncmp(isa, "rv64", 4))
		return 0;
	for (isa += 4; *isa; isa += len) {
		len = 1;
		if (*isa == '_')
			continue;
		/* Old QEMU names the modes S and U. */
		if (*isa == 's' && isa[1] == 'u' && isa[-1] != '_') {
			len = 2;
		} else if (strchr("sxz", *isa)) {
			len = strcspn(isa, "_");
			extensions |= find(isa, strip_version(isa, len));
		} else {
			extensions |= find(isa, 1);
			len += skip_version(isa + 1);
		}
	}
	/* They were part of I when such strings were frozen (Linux, extensions.yaml: riscv,isa). */
	if (extensions & EXT(I))
		extensions |= EXT(ZICSR) | EXT(ZIFENCEI) | EXT(ZICNTR) | EXT(ZIHPM);
	return extensions;
}
