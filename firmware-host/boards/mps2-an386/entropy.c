/* Entropy of the emulated board: a file of the host, by semihosting, named by the emulator's command line
   (`-semihosting-config arg=PATH`), which is declared and not the part's: a real board has its own source in this
   place. Without it the board does not run. */
#include "board.h"

#define SYS_OPEN 0x01u
#define SYS_READ 0x06u
#define SYS_GET_COMMAND_LINE 0x15u
#define OPEN_READ_BINARY 1u
#define PATH_BYTES 128u

static uint8_t pool[256];
static uint32_t left;
static int32_t source = -1;

static int32_t semihosting(uint32_t operation, const void *block) {
  register uint32_t r0 __asm__("r0") = operation;
  register const void *r1 __asm__("r1") = block;
  __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return (int32_t)r0;
}

static void open_source(void) {
  static char path[PATH_BYTES];
  uint32_t line[2] = {(uint32_t)(uintptr_t)path, sizeof path};
  if (semihosting(SYS_GET_COMMAND_LINE, line) != 0) board_reset("no entropy named", 0);
  uint32_t count = 0;
  while (count < sizeof path && path[count] != 0) count++;
  uint32_t open[3] = {(uint32_t)(uintptr_t)path, OPEN_READ_BINARY, count};
  source = semihosting(SYS_OPEN, open);
  if (source < 0) board_reset("no entropy", 0);
}

void entropy_fill(uint8_t *into, uint32_t count) {
  if (source < 0) open_source();
  for (uint32_t i = 0; i < count; i++) {
    if (left == 0) {
      uint32_t read[3] = {(uint32_t)source, (uint32_t)(uintptr_t)pool, sizeof pool};
      /* The answer is the number of bytes that were not read. */
      int32_t missing = semihosting(SYS_READ, read);
      if (missing < 0 || missing >= (int32_t)sizeof pool) board_reset("entropy dried up", 0);
      left = sizeof pool - (uint32_t)missing;
      for (uint32_t k = 0; k < left; k++) /* what came stands at the end, so that it is used in order */
        pool[sizeof pool - 1 - k] = pool[left - 1 - k];
    }
    uint8_t *next = &pool[sizeof pool - left--];
    into[i] = *next;
    *next = 0;
  }
}
