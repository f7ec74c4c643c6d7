/* What the boot stage and the image of a slot know of each other: the slot's header, and the words handed over in RAM. */
#ifndef HANDOVER_H_
#define HANDOVER_H_
#include <stdint.h>

#define SLOT_MAGIC 0x51444e53u /* "SNDQ" */
#define SLOT_BYTES_MAX (112u * 1024u)
#define DIGEST_BYTES 32u

typedef struct {
  uint32_t magic;
  uint32_t bytes;   /* of the image, this header among them: what is measured */
  uint32_t version; /* to be compared with the part's counter by a boot stage that takes signed updates */
  uint32_t vectors; /* where the image's vector table lies */
} slot_header_t;

typedef struct {
  uint8_t digest[DIGEST_BYTES]; /* SHA-256 of the slot, measured at this start */
  uint32_t failed_starts;       /* traps in a row before a start came to its end */
  uint32_t failed_starts_check; /* its complement: RAM holds anything when power comes */
} handover_t;

extern handover_t handover;
#endif
