/// JPEG out of memory, over libjpeg (libjpeg-turbo where a distribution has it).
///
/// libjpeg reports failures by a handler that must not return; it jumps, and every jump starts and
/// ends inside CJPEG.c. No function here touches files or decides policy (sizes, orientation).
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum cjpeg_status {
  CJPEG_OK = 0,
  CJPEG_TRUNCATED,      ///< The bytes end before the picture does.
  CJPEG_CORRUPT,        ///< A marker or the compressed stream is wrong; see the message.
  CJPEG_UNSUPPORTED,    ///< Sound, but of a kind libjpeg does not decode; see the message.
  CJPEG_OUT_OF_MEMORY,
} cjpeg_status;

enum { CJPEG_MESSAGE_SIZE = 200 };

/// Outcome of a call: the status and, for everything but CJPEG_OK, libjpeg's words for it.
typedef struct cjpeg_result {
  cjpeg_status status;
  char message[CJPEG_MESSAGE_SIZE];
} cjpeg_result;

typedef struct cjpeg_reader cjpeg_reader;

/// Reads the header of the JPEG in `bytes`, which must outlive the reader. On success `*reader` is
/// to be closed with cjpeg_close; on failure it is NULL.
cjpeg_result cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_reader **reader);

uint32_t cjpeg_width(const cjpeg_reader *reader);
uint32_t cjpeg_height(const cjpeg_reader *reader);

/// The first EXIF block, without its `Exif` heading: a TIFF structure. NULL if there is none.
const uint8_t *cjpeg_exif(const cjpeg_reader *reader, size_t *count);

/// Decodes the picture, once, into `rgb`: height x width x 3 bytes. Grey becomes equal red, green
/// and blue; CMYK is taken as Adobe stores it, inverted, and laid on white paper.
cjpeg_result cjpeg_read(cjpeg_reader *reader, uint8_t *rgb);

void cjpeg_close(cjpeg_reader *reader);
