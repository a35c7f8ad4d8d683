# SPDX-License-Identifier: Apache-2.0
module  := axvmconfig
needs   := axstd axconfig
sources := schema.c check.c config.c
