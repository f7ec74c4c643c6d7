/* What the C that wasm2c writes wants of its runtime, for bare metal: one memory of fixed size, no tables, no growth.
   Every access is checked against the end of that memory; outside it is a trap, and a trap is a reset. */
#ifndef WASM_RT_H_
#define WASM_RT_H_
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)
#define WABT_BIG_ENDIAN 0
#define WASM_RT_USE_SEGUE 0
#define WASM_RT_SEGUE_FREE_SEGMENT 0
#define WASM_RT_SANITY_CHECKS 0
#define WASM_RT_MEMCHECK_GUARD_PAGES 0
/* The stack lies at the bottom of the RAM, so that an overflow faults; calls are not counted. */
#define WASM_RT_STACK_DEPTH_COUNT 0
#define WASM_RT_THREAD_LOCAL
#define WASM_RT_NO_RETURN __attribute__((noreturn))
#define wasm_rt_memcpy __builtin_memcpy

typedef enum {
  WASM_RT_TRAP_NONE,
  WASM_RT_TRAP_OOB,
  WASM_RT_TRAP_INT_OVERFLOW,
  WASM_RT_TRAP_DIV_BY_ZERO,
  WASM_RT_TRAP_INVALID_CONVERSION,
  WASM_RT_TRAP_UNREACHABLE,
  WASM_RT_TRAP_CALL_INDIRECT,
  WASM_RT_TRAP_UNCAUGHT_EXCEPTION,
  WASM_RT_TRAP_UNALIGNED,
  WASM_RT_TRAP_EXHAUSTION
} wasm_rt_trap_t;
typedef enum {
  WASM_RT_I32,
  WASM_RT_I64,
  WASM_RT_F32,
  WASM_RT_F64,
  WASM_RT_V128,
  WASM_RT_FUNCREF,
  WASM_RT_EXTERNREF
} wasm_rt_type_t;

/* Tables are declared by every module and used by none of ours. */
typedef void (*wasm_rt_function_ptr_t)(void);
typedef const char *wasm_rt_func_type_t;
typedef void (*wasm_rt_tailcallee_t)(void **, void *, void *);
typedef struct {
  wasm_rt_func_type_t func_type;
  wasm_rt_function_ptr_t func;
  wasm_rt_tailcallee_t func_tailcallee;
  void *module_instance;
} wasm_rt_funcref_t;
typedef void *wasm_rt_externref_t;
static const wasm_rt_funcref_t wasm_rt_funcref_null_value __attribute__((unused)) = {0};
static const wasm_rt_externref_t wasm_rt_externref_null_value __attribute__((unused)) = 0;
typedef struct {
  wasm_rt_funcref_t *data;
  uint32_t max_size, size;
} wasm_rt_funcref_table_t;
typedef struct {
  wasm_rt_externref_t *data;
  uint32_t max_size, size;
} wasm_rt_externref_table_t;

typedef struct {
  uint8_t *data;
  uint32_t page_size;
  uint64_t pages, max_pages;
  uint32_t size;
  bool is64;
} wasm_rt_memory_t;

/* CORE_MEMORY_BYTES is what the core has laid out, told by the core itself when it was built: the rest of its last
   page does not exist here. The build writes these two names into the accesses that wasm2c makes. */
extern uint8_t core_linear_memory[];

WASM_RT_NO_RETURN void wasm_rt_trap(wasm_rt_trap_t);
void wasm_rt_allocate_memory(wasm_rt_memory_t *, uint64_t initial, uint64_t max, bool is64, uint32_t page_size);
static inline void wasm_rt_free_memory(wasm_rt_memory_t *memory) { (void)memory; }
static inline bool wasm_rt_is_initialized(void) { return true; }
#endif
