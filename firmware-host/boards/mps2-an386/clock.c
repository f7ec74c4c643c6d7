/* Time since power came, from SysTick: it never goes back. The emulator's debugger may move clock_periods forward, which
   is how the bench lets hours pass; the image has no door for it. */
#include "board.h"

#define SYSTICK_CONTROL REG(0xE000E010)
#define SYSTICK_RELOAD REG(0xE000E014)
#define SYSTICK_VALUE REG(0xE000E018)
#define PERIOD_MS 25u
#define CYCLES_PER_MS (SYSTEM_HZ / 1000u)
#define PERIOD_CYCLES (PERIOD_MS * CYCLES_PER_MS)

volatile uint32_t clock_periods;
static uint64_t latest;

void clock_period_ended(void) { clock_periods++; }

void clock_start(void) {
  SYSTICK_RELOAD = PERIOD_CYCLES - 1;
  SYSTICK_VALUE = 0;
  SYSTICK_CONTROL = 7; /* processor clock, interrupt, on */
}

uint64_t clock_cycles(void) {
  uint32_t periods, value;
  do {
    periods = clock_periods;
    value = SYSTICK_VALUE;
  } while (periods != clock_periods);
  uint64_t now = (uint64_t)periods * PERIOD_CYCLES + (PERIOD_CYCLES - 1 - value);
  /* The counter may have turned over an instant before its interrupt is taken. */
  if (now > latest) latest = now;
  return latest;
}

uint32_t clock_ms(void) { return (uint32_t)(clock_cycles() / CYCLES_PER_MS); }
