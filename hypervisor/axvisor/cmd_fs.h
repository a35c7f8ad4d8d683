/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the file commands share. Functions that report what goes wrong return something else than 0 then.
 */
#include <axfs/fs.h>
#include "shell.h"

/**
 * fs_options - read leading options such as -l, -la, --
 * @known: their letters
 * @set:   bit n is set when known[n] was given
 *
 * Return: index of the first operand, or -1 (reported).
 */
int fs_options(struct shell *sh, int argc, char **argv, const char *known, unsigned *set);

/** fs_failed - report what went wrong with @path. Return: 1. */
int fs_failed(struct shell *sh, const char *path, int err);
