/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <axconfig/keys.h>
#include <axvmconfig/config.h>

/* Guest-physical addresses: no architecture translates more than 56 bits. */
#define VMCONFIG_ADDR_MAX ((UINT64_C(1) << 56) - 1)

/* Every key of a VM's file (schema.c). */
extern const struct config_schema vmconfig_schema;

/* What no key can say alone: do the values fit together? Return: 0, or -AX_EINVAL after describing what does not. */
int vmconfig_check(const struct vm_config *config, const struct toml_node *root, struct config_error *err);
