/* CMSDK APB watchdog. Half its time unfed raises the NMI, which says so and resets; the second half resets by itself.
   The time is long because an emulator on a busy machine runs slower than its clock. */
#include "board.h"

#define WATCHDOG_MS 60000u
#define WATCHDOG_LOAD REG(0x40008000)
#define WATCHDOG_CONTROL REG(0x40008008)
#define WATCHDOG_CLEAR REG(0x4000800C)
#define WATCHDOG_LOCK REG(0x40008C00)
#define UNLOCK 0x1ACCE551u

void watchdog_start(void) {
  WATCHDOG_LOCK = UNLOCK;
  WATCHDOG_LOAD = WATCHDOG_MS / 2 * (SYSTEM_HZ / 1000u);
  WATCHDOG_CONTROL = 3; /* interrupt and reset */
  WATCHDOG_LOCK = 0;
}

void watchdog_feed(void) {
  WATCHDOG_LOCK = UNLOCK;
  WATCHDOG_CLEAR = 1;
  WATCHDOG_LOCK = 0;
}

void watchdog_bit(void) { board_reset("watchdog", 0); }
