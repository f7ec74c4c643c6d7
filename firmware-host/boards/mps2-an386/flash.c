/* Flash: the machine's 16 MB PSRAM, backed by a file of the host that outlives the emulator, under the rules of NOR
   flash. A word is written by one store, so a kill leaves the old word or the new one; an erasure goes word by word
   upwards. Programming that would set a bit is refused, as it would be silent damage on the part. */
#include "board.h"
#include <string.h>

#define FLASH_CELLS ((volatile uint32_t *)0x21000000)
#define FLASH_BYTES (16u * 1024u * 1024u)
#define SECTOR_BYTES 4096u

bool flash_holds(uint32_t address, uint32_t count) {
  return address <= FLASH_BYTES && count <= FLASH_BYTES - address;
}

void flash_read_bytes(uint32_t address, uint8_t *into, uint32_t count) {
  memcpy(into, (const uint8_t *)FLASH_CELLS + address, count);
}

uint32_t flash_program_words(uint32_t address, const uint8_t *from, uint32_t count) {
  if (((address | count) & 3) != 0 || !flash_holds(address, count)) return 1;
  for (uint32_t i = 0; i < count; i += 4) {
    uint32_t word;
    memcpy(&word, from + i, sizeof word);
    volatile uint32_t *cell = &FLASH_CELLS[(address + i) >> 2];
    if ((*cell & word) != word) return 2;
    *cell = word;
  }
  return 0;
}

uint32_t flash_erase_sector(uint32_t sector) {
  if (sector >= FLASH_BYTES / SECTOR_BYTES) return 1;
  volatile uint32_t *cell = &FLASH_CELLS[sector * (SECTOR_BYTES / 4)];
  for (uint32_t i = 0; i < SECTOR_BYTES / 4; i++) cell[i] = 0xffffffffu;
  return 0;
}
