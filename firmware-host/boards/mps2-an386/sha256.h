#ifndef SHA256_H_
#define SHA256_H_
#include <stdint.h>
void sha256(const uint8_t *message, uint32_t bytes, uint8_t digest[32]);
#endif
