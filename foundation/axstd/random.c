/* SPDX-License-Identifier: Apache-2.0 */
#include <axstd/random.h>
#include <axstd/spinlock.h>
#include <stdint.h>
#include <stdlib.h>

#define ENTROPY_SIZE 40 /* what the generator asks for: key and nonce */

static struct spinlock lock = SPINLOCK_INIT; /* guards the generator */
static uint8_t entropy[ENTROPY_SIZE];
static bool seeded;

int getentropy(void *buf, size_t len);

/* For the generator: at its first use, and later to be mixed into what it has then. */
int getentropy(void *buf, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = entropy[i % ENTROPY_SIZE];
	return 0;
}

void random_seed(const void *seed, size_t len)
{
	for (size_t i = 0; i < len; i++)
		entropy[i % ENTROPY_SIZE] ^= ((const uint8_t *)seed)[i];
	seeded = len >= RANDOM_SEED_MIN;
}

bool random_bytes(void *buf, size_t len)
{
	uint64_t flags;

	if (!seeded)
		return false;
	flags = spin_lock_irqsave(&lock);
	arc4random_buf(buf, len);
	spin_unlock_irqrestore(&lock, flags);
	return true;
}
