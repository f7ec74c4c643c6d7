/* The image's header and vectors, its start, and its end: a fault or a trap says why on the console and resets. */
#include "board.h"
#include "handover.h"
#include <string.h>

#define SCB_RESET REG(0xE000ED0C)
#define RESET_REQUEST 0x05FA0004u
#define SCB_CPACR REG(0xE000ED88)
/* Traps in a row before the box stays dark: a board that cannot start is an officer's business. */
#define FAILED_STARTS_MAX 3u

extern uint32_t _data_load[], _data[], _data_end[], _bss[], _bss_end[], _stack_top[], _slot_bytes[];
int main(void);
void clock_period_ended(void);
void watchdog_bit(void);
void uart_host_received(void);
void uart_printer_received(void);
void uart_pad_received(void);
void uart_mechanics_received(void);

static uint32_t failed_starts(void) {
  return handover.failed_starts == ~handover.failed_starts_check ? handover.failed_starts : 0;
}
static void set_failed_starts(uint32_t count) {
  handover.failed_starts = count;
  handover.failed_starts_check = ~count;
}
void board_started(void) { set_failed_starts(0); }

void board_reset(const char *why, uint32_t number) {
  __asm__ volatile("cpsid i");
  console_say("board: ");
  console_say(why);
  console_say(" ");
  console_say_number(number);
  console_say("\n");
  set_failed_starts(failed_starts() + 1);
  SCB_RESET = RESET_REQUEST;
  for (;;) {
  }
}

static void fault(void) { board_reset("fault", REG(0xE000ED28)); }

static void start(void) {
  SCB_CPACR |= 0xFu << 20;
  __asm__ volatile("dsb\nisb");
  memcpy(_data, _data_load, (size_t)((char *)_data_end - (char *)_data));
  memset(_bss, 0, (size_t)((char *)_bss_end - (char *)_bss));
  if (failed_starts() >= FAILED_STARTS_MAX) {
    clock_start();
    uart_start();
    console_say("board: dark\n");
    for (;;) __asm__ volatile("wfi");
  }
  main();
}

__attribute__((section(".slot.vectors"), used)) static void (*const vectors[48])(void) = {
    [0] = (void (*)(void))_stack_top,
    [1] = start,
    [2] = watchdog_bit,
    [3] = fault, /* hard */
    [4] = fault,
    [5] = fault,
    [6] = fault,
    [11] = fault,
    [12] = fault,
    [14] = fault,
    [15] = clock_period_ended,
    [16 + 0] = uart_host_received,
    [16 + 4] = uart_printer_received,
    [16 + 18] = uart_pad_received,
    [16 + 20] = uart_mechanics_received,
};

#ifndef IMAGE_VERSION
#define IMAGE_VERSION 1
#endif
__attribute__((section(".slot.header"), used)) static const slot_header_t header = {
    SLOT_MAGIC, (uint32_t)(uintptr_t)_slot_bytes, IMAGE_VERSION, (uint32_t)(uintptr_t)vectors};
