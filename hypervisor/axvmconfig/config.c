/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"
#include <string.h>

int vmconfig_parse(const char *text, size_t len, const char *file, struct arena *arena, struct vm_config *out,
		   struct config_error *err)
{
	const struct config_source source = { file, arena, err };
	struct toml_node *root;
	int rc;

	memset(out, 0, sizeof(*out));
	out->file = file;
	config_defaults(&vmconfig_schema, out);
	rc = toml_parse(text, len, file, arena, &root, err);
	if (!rc)
		out->root = root;
	if (!rc)
		rc = config_apply(&vmconfig_schema, root, &source, out);
	if (!rc)
		rc = vmconfig_check(out, root, err);
	return rc;
}

struct config_pos vmconfig_pos(const struct vm_config *config, const char *key)
{
	const struct toml_node *node = toml_find(config->root, key);

	return node ? node->pos : (struct config_pos){ 0 };
}

int vmconfig_help(const char *key, char *buf, size_t size)
{
	return config_help(&vmconfig_schema, key, buf, size);
}
