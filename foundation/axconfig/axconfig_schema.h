/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <axconfig/axconfig.h>
#include <axconfig/keys.h>

/* Every system parameter. */
extern const struct config_schema axconfig_schema;
