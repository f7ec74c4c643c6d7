/* The core's doors (core/board.ts) and the runtime under it. A pointer from the core is checked before it is used. */
#include "board.h"
#include "core_w2c.h"
#include "handover.h"
#include <string.h>

uint8_t core_linear_memory[CORE_MEMORY_BYTES] __attribute__((aligned(8)));

void wasm_rt_allocate_memory(wasm_rt_memory_t *memory, uint64_t initial, uint64_t max, bool is64, uint32_t page_size) {
  memory->data = core_linear_memory;
  memory->pages = initial;
  memory->max_pages = max;
  memory->size = CORE_MEMORY_BYTES;
  memory->page_size = page_size;
  memory->is64 = is64;
}

void wasm_rt_trap(wasm_rt_trap_t trap) { board_reset("trap", trap); }

static uint8_t *of_core(uint32_t p, uint32_t count) {
  if (p > CORE_MEMORY_BYTES || count > CORE_MEMORY_BYTES - p) board_reset("door", p);
  return core_linear_memory + p;
}

struct w2c_board;

void w2c_board_uart_tx(struct w2c_board *board, u32 port, u32 p, u32 count) {
  (void)board;
  if (port >= PORTS) board_reset("port", port);
  uart_send(port, of_core(p, count), count);
}

void w2c_board_flash_read(struct w2c_board *board, u32 address, u32 p, u32 count) {
  (void)board;
  if (!flash_holds(address, count)) board_reset("flash", address);
  flash_read_bytes(address, of_core(p, count), count);
}

u32 w2c_board_flash_program(struct w2c_board *board, u32 address, u32 p, u32 count) {
  (void)board;
  return flash_program_words(address, of_core(p, count), count);
}

u32 w2c_board_flash_erase(struct w2c_board *board, u32 sector) {
  (void)board;
  return flash_erase_sector(sector);
}

u32 w2c_board_ticks_ms(struct w2c_board *board) {
  (void)board;
  return clock_ms();
}

void w2c_board_entropy(struct w2c_board *board, u32 p, u32 count) {
  (void)board;
  entropy_fill(of_core(p, count), count);
}

void w2c_board_watchdog(struct w2c_board *board) {
  (void)board;
  watchdog_feed();
}

void w2c_board_reset(struct w2c_board *board) {
  (void)board;
  board_reset("asked", 0);
}

void w2c_board_software_hash(struct w2c_board *board, u32 p) {
  (void)board;
  memcpy(of_core(p, DIGEST_BYTES), handover.digest, DIGEST_BYTES);
}
