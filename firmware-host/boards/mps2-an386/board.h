/* The parts of the board behind the core's doors. */
#ifndef BOARD_H_
#define BOARD_H_
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG(address) (*(volatile uint32_t *)(uintptr_t)(address))
#define SYSTEM_HZ 25000000u

enum { PORT_HOST, PORT_CONSOLE, PORT_PRINTER, PORT_PAD, PORT_MECHANICS, PORTS };

void uart_start(void);
/* Sends whatever the line takes; a line that stands still for UART_STALL_MS loses the rest. */
void uart_send(uint32_t port, const uint8_t *bytes, uint32_t count);
/* Takes received bytes once a frame has ended among them or the ring is half full. */
uint32_t uart_take(uint32_t port, uint8_t *into, uint32_t most);
/* Sleeps until an interrupt, unless bytes have come meanwhile. */
void uart_sleep(void);

void clock_start(void);
uint32_t clock_ms(void);
uint64_t clock_cycles(void);

void watchdog_start(void);
void watchdog_feed(void);

void entropy_fill(uint8_t *into, uint32_t count);

uint32_t flash_program_words(uint32_t address, const uint8_t *from, uint32_t count);
uint32_t flash_erase_sector(uint32_t sector);
void flash_read_bytes(uint32_t address, uint8_t *into, uint32_t count);
bool flash_holds(uint32_t address, uint32_t count);

void console_say(const char *text);
void console_say_number(uint32_t number);
/* Says why on the console and resets the board. */
__attribute__((noreturn)) void board_reset(const char *why, uint32_t number);
/* This start has come to its end: the count of failed ones begins anew. */
void board_started(void);
#endif
