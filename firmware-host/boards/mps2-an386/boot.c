/* The boot stage: measures the image in slot A, hands the digest over and starts it. It is the place for signed updates
   (two slots, Ed25519, a version counter): docs/IMAGE.md says what is to be put where. It uses only its stack. */
#include "handover.h"
#include "sha256.h"

#define SLOT_A 0x00004000u
#define SCB_VTOR (*(volatile uint32_t *)0xE000ED08u)
#define UART1_DATA (*(volatile uint32_t *)0x40005000u)
#define UART1_STATE (*(volatile uint32_t *)0x40005004u)
#define UART1_CTRL (*(volatile uint32_t *)0x40005008u)
#define UART1_BAUD (*(volatile uint32_t *)0x40005010u)

extern uint32_t _stack_top[];
__attribute__((section(".handover"))) handover_t handover;

__attribute__((noreturn)) static void dark(const char *why) {
  UART1_BAUD = 217;
  UART1_CTRL = 1;
  for (; *why; why++) {
    while (UART1_STATE & 1) {
    }
    UART1_DATA = (uint8_t)*why;
  }
  for (;;) __asm__ volatile("wfi");
}

__attribute__((noreturn)) static void start(uint32_t vectors) {
  const uint32_t *table = (const uint32_t *)vectors;
  SCB_VTOR = vectors;
  __asm__ volatile("dsb\nisb\nmsr msp, %0\nbx %1" : : "r"(table[0]), "r"(table[1]));
  __builtin_unreachable();
}

__attribute__((noreturn)) void boot_reset(void) {
#ifdef MEASURE
  /* SysTick counts from the first instruction: main tells what this stage took. */
  *(volatile uint32_t *)0xE000E014u = 0x00ffffffu;
  *(volatile uint32_t *)0xE000E018u = 0;
  *(volatile uint32_t *)0xE000E010u = 5;
#endif
  const slot_header_t *slot = (const slot_header_t *)SLOT_A;
  if (slot->magic != SLOT_MAGIC || slot->bytes > SLOT_BYTES_MAX) dark("boot: no image in slot A\n");
  sha256((const uint8_t *)SLOT_A, slot->bytes, handover.digest);
  start(slot->vectors);
}

static void boot_fault(void) { dark("boot: fault\n"); }

__attribute__((section(".boot.vectors"), used)) static void (*const boot_vectors[16])(void) = {
    (void (*)(void))_stack_top, boot_reset, boot_fault, boot_fault, boot_fault, boot_fault, boot_fault};
