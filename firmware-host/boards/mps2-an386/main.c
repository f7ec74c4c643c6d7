/* Brings the board up, boots the core and then only carries: received bytes and the passing of time into it. */
#include "board.h"
#include "core_w2c.h"

/* The core wants to be called ten times a second at least. */
#define TICK_MS 50u
#define RECEIVE_BYTES 1024u

static w2c_core core;

#ifdef MEASURE
/* A measuring build says what each call of the core cost, in cycles of the system clock: under `-icount shift=0` one is
   40 instructions. It never becomes a box. */
static void say(const char *call, uint32_t cycles) {
  console_say("cost ");
  console_say(call);
  console_say(" ");
  console_say_number(cycles);
  console_say("\n");
}
static void say_cost(const char *call, uint64_t since) { say(call, (uint32_t)(clock_cycles() - since)); }
#define MEASURED(call, body)                \
  do {                                      \
    uint64_t since = clock_cycles();        \
    body;                                   \
    say_cost(call, since);                  \
  } while (0)
#else
#define MEASURED(call, body) body
#endif

static bool carry(uint32_t port, uint8_t *buffer, uint32_t most) {
  uint32_t count = uart_take(port, buffer, most);
  if (count == 0) return false;
  MEASURED("rx", w2c_core_rx(&core, port, count));
  return true;
}

int main(void) {
#ifdef MEASURE
  uint32_t boot_stage = 0x00ffffffu - REG(0xE000E018);
#endif
  clock_start();
  uart_start();
  watchdog_start();
#ifdef MEASURE
  say("boot_stage", boot_stage);
#endif
  MEASURED("instantiate", wasm2c_core_instantiate(&core, NULL));
  MEASURED("boot", w2c_core_boot(&core));
  board_started();
  uint8_t *buffer = core_linear_memory + w2c_core_rx_buffer(&core);
  uint32_t most = w2c_core_rx_bytes(&core);
  if (most > RECEIVE_BYTES) most = RECEIVE_BYTES;
  uint32_t ticked = clock_ms();
  for (;;) {
    bool worked = false;
    for (uint32_t port = 0; port < PORTS; port++)
      if (port != PORT_CONSOLE && carry(port, buffer, most)) worked = true;
    if (clock_ms() - ticked >= TICK_MS) {
      ticked = clock_ms();
      w2c_core_tick(&core);
      worked = true;
    }
    if (!worked) uart_sleep();
  }
}
