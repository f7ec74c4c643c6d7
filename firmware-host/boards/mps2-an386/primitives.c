/* The primitives' image: answers on the host line for single exports of core/primitives.ts, so that published vectors run
   on the very code and core that a box runs. It is for tests and measurements and never becomes a box.

   A request is a letter, two words of 32 bits (little-endian), its bytes, and a zero byte that lets it pass:
     W address count, bytes        → nothing
     R address count               → the bytes
     C number  count, count words  → the result, and the cycles of the system clock that it took, a word each */
#include "board.h"
#include "core_w2c.h"
#include "calls.h"

#define WORDS_MAX 12u

static w2c_core core;
static uint8_t received[1024];
static uint32_t there, taken;

static uint8_t next_byte(void) {
  while (taken == there) {
    taken = 0;
    there = uart_take(PORT_HOST, received, sizeof received);
    watchdog_feed();
    if (there == 0) uart_sleep();
  }
  return received[taken++];
}

static uint32_t next_word(void) {
  uint32_t word = 0;
  for (uint32_t i = 0; i < 4; i++) word |= (uint32_t)next_byte() << (8 * i);
  return word;
}

static void send_word(uint32_t word) {
  uint8_t bytes[4];
  for (uint32_t i = 0; i < 4; i++) bytes[i] = (uint8_t)(word >> (8 * i));
  uart_send(PORT_HOST, bytes, sizeof bytes);
}

static void call(uint32_t number, uint32_t count) {
  uint32_t words[WORDS_MAX] = {0};
  if (count > WORDS_MAX) board_reset("words", count);
  for (uint32_t i = 0; i < count; i++) words[i] = next_word();
  uint64_t since = clock_cycles();
  uint32_t result = call_export(&core, number, words);
  uint32_t cycles = (uint32_t)(clock_cycles() - since);
  send_word(result);
  send_word(cycles);
}

int main(void) {
  clock_start();
  uart_start();
  watchdog_start();
  wasm2c_core_instantiate(&core);
  board_started();
  console_say("sandoq box\n"); /* what the host waits for */
  for (;;) {
    uint8_t letter = next_byte();
    uint32_t first = next_word(), count = next_word();
    if (letter != 'C' && (first > CORE_MEMORY_BYTES || count > CORE_MEMORY_BYTES - first)) board_reset("range", first);
    if (letter == 'W')
      for (uint32_t i = 0; i < count; i++) core_linear_memory[first + i] = next_byte();
    else if (letter == 'R')
      uart_send(PORT_HOST, core_linear_memory + first, count);
    else if (letter == 'C')
      call(first, count);
    else
      board_reset("letter", letter);
    if (next_byte() != 0) board_reset("end", 0);
  }
}
