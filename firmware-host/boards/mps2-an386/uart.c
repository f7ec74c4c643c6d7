/* CMSDK APB UARTs: 0 host link, 1 console, 2 printer, 3 card pad, 4 mechanics and keypad. Receiving is by interrupt into
   a ring a port; where a ring is full the byte stays in the part, and the emulator's line waits with it (on a real line
   it would be overrun, the frame's check would fail and it would be sent again). */
#include "board.h"

typedef struct {
  volatile uint32_t data, state, control, interrupt, baud;
} uart_t;
static uart_t *const UART[PORTS] = {(uart_t *)0x40004000, (uart_t *)0x40005000, (uart_t *)0x40006000,
                                    (uart_t *)0x40007000, (uart_t *)0x40009000};
#define STATE_TX_FULL 1u
#define STATE_RX_FULL 2u
#define CONTROL_TX 1u
#define CONTROL_RX 2u
#define CONTROL_RX_INTERRUPT 8u
#define INTERRUPT_RX 2u
#define NVIC_ENABLE REG(0xE000E100)
#define BAUD_DIVISOR 217u /* 25 MHz / 115,200 */
#define UART_STALL_MS 10000u

/* Receive interrupts of the five ports. */
static const uint8_t IRQ[PORTS] = {0, 2, 4, 18, 20};

typedef struct {
  uint8_t *bytes;
  uint32_t mask;
  volatile uint32_t in, out;
  volatile uint32_t ends; /* zero bytes, which end a frame, among those received and not taken */
} ring_t;
static uint8_t host_bytes[2048], printer_bytes[64], pad_bytes[512], mechanics_bytes[64];
static ring_t RING[PORTS] = {{host_bytes, sizeof host_bytes - 1, 0, 0, 0},
                             {NULL, 0, 0, 0, 0},
                             {printer_bytes, sizeof printer_bytes - 1, 0, 0, 0},
                             {pad_bytes, sizeof pad_bytes - 1, 0, 0, 0},
                             {mechanics_bytes, sizeof mechanics_bytes - 1, 0, 0, 0}};

static void mask_interrupts(void) { __asm__ volatile("cpsid i" ::: "memory"); }
static void unmask_interrupts(void) { __asm__ volatile("cpsie i" ::: "memory"); }

void uart_start(void) {
  for (uint32_t port = 0; port < PORTS; port++) {
    UART[port]->baud = BAUD_DIVISOR;
    bool receives = RING[port].bytes != NULL;
    UART[port]->control = CONTROL_TX | (receives ? CONTROL_RX | CONTROL_RX_INTERRUPT : 0);
    if (receives) NVIC_ENABLE = 1u << IRQ[port];
  }
}

static void receive(uint32_t port) {
  ring_t *ring = &RING[port];
  if (ring->bytes == NULL) return;
  UART[port]->interrupt = INTERRUPT_RX; /* acknowledged before draining: the other order loses an edge, and the line hangs */
  while (UART[port]->state & STATE_RX_FULL && ring->in - ring->out <= ring->mask) {
    uint8_t value = (uint8_t)UART[port]->data;
    ring->bytes[ring->in & ring->mask] = value;
    ring->in++;
    if (value == 0) ring->ends++;
  }
}
void uart_host_received(void) { receive(PORT_HOST); }
void uart_printer_received(void) { receive(PORT_PRINTER); }
void uart_pad_received(void) { receive(PORT_PAD); }
void uart_mechanics_received(void) { receive(PORT_MECHANICS); }

static bool worth_taking(const ring_t *ring) {
  return ring->ends > 0 || ring->in - ring->out > ring->mask >> 1;
}

uint32_t uart_take(uint32_t port, uint8_t *into, uint32_t most) {
  ring_t *ring = &RING[port];
  if (!worth_taking(ring)) return 0;
  mask_interrupts();
  uint32_t count = 0;
  while (count < most && ring->out != ring->in) {
    uint8_t value = ring->bytes[ring->out & ring->mask];
    ring->bytes[ring->out & ring->mask] = 0; /* a ballot passes here */
    ring->out++;
    if (value == 0) ring->ends--;
    into[count++] = value;
  }
  receive(port); /* a byte that waited for room raises no second interrupt */
  unmask_interrupts();
  return count;
}

void uart_sleep(void) {
  mask_interrupts();
  bool work = false;
  for (uint32_t port = 0; port < PORTS; port++) {
    receive(port);
    if (worth_taking(&RING[port])) work = true;
  }
  /* With interrupts masked a pending one still ends the sleep: none can slip in between looking and sleeping. */
  if (!work) __asm__ volatile("dsb\nwfi" ::: "memory");
  unmask_interrupts();
}

void uart_send(uint32_t port, const uint8_t *bytes, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    if (UART[port]->state & STATE_TX_FULL) {
      uint32_t since = clock_ms();
      while (UART[port]->state & STATE_TX_FULL)
        if (clock_ms() - since > UART_STALL_MS) return;
    }
    UART[port]->data = bytes[i];
  }
}

void console_say(const char *text) {
  uint32_t count = 0;
  while (text[count] != 0) count++;
  uart_send(PORT_CONSOLE, (const uint8_t *)text, count);
}

void console_say_number(uint32_t number) {
  char text[11];
  uint32_t at = sizeof text - 1;
  text[at] = 0;
  do text[--at] = (char)('0' + number % 10);
  while (number /= 10);
  console_say(text + at);
}
