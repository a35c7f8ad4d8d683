# SPDX-License-Identifier: Apache-2.0
module  := axconfig
needs   := axstd
sources := error.c toml.c toml_lex.c toml_string.c toml_scalar.c toml_parse.c
