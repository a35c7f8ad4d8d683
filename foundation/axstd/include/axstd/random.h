/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Numbers that nobody can guess: the C library's generator (arc4random: ChaCha20), seeded by whoever started us.
 */
#include <stdbool.h>
#include <stddef.h>

#define RANDOM_SEED_MIN 32

/**
 * random_seed - what the boot loader gave (/chosen/rng-seed of the Devicetree Specification 0.4); less than
 * RANDOM_SEED_MIN bytes is as good as nothing. Once, on the boot CPU.
 */
void random_seed(const void *seed, size_t len);

/** random_bytes - fill @buf. Any context. Return: false: there is no seed, @buf is as before. */
bool random_bytes(void *buf, size_t len);
