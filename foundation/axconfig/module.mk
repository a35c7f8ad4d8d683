# SPDX-License-Identifier: Apache-2.0
module  := axconfig
needs   := axstd
sources := axconfig.c error.c keys.c keys_value.c keys_text.c \
	toml.c toml_lex.c toml_string.c toml_scalar.c toml_parse.c
