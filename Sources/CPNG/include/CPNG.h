/// PNG in and out of memory, over libpng.
///
/// libpng reports failures by longjmp; every jump starts and ends inside CPNG.c, so none crosses a
/// caller's frame. No function here touches files or decides policy (sizes, backgrounds).
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum cpng_status {
  CPNG_OK = 0,
  CPNG_NOT_PNG,        ///< The signature is not a PNG's.
  CPNG_TRUNCATED,      ///< The bytes end before the picture does.
  CPNG_CORRUPT,        ///< A checksum, the compressed stream or a chunk is wrong; see the message.
  CPNG_OUT_OF_MEMORY,
} cpng_status;

enum { CPNG_MESSAGE_SIZE = 160 };

/// Outcome of a call: the status and, for everything but CPNG_OK, libpng's words for it.
typedef struct cpng_result {
  cpng_status status;
  char message[CPNG_MESSAGE_SIZE];
} cpng_result;

/// One keyword and its text, UTF-8, zero-terminated.
typedef struct cpng_text {
  const char *keyword;
  const char *text;
} cpng_text;

// MARK: Reading

typedef struct cpng_reader cpng_reader;

/// Reads the header of the PNG in `bytes`, which must outlive the reader. On success `*reader` is
/// to be closed with cpng_close; on failure it is NULL.
cpng_result cpng_open(const uint8_t *bytes, size_t count, cpng_reader **reader);

uint32_t cpng_width(const cpng_reader *reader);
uint32_t cpng_height(const cpng_reader *reader);

/// Decodes the picture, once, into `rgba`: height x width x 4 samples of 16 bits in native byte
/// order, alpha not premultiplied. Every colour type, bit depth and interlacing arrives like this;
/// an 8-bit sample v as 257 v.
cpng_result cpng_read(cpng_reader *reader, uint16_t *rgba);

/// Whether any pixel may be transparent. To be asked before the picture is decoded.
int cpng_has_alpha(const cpng_reader *reader);

/// Decodes the picture, once, into `pixels`: height x width x 4 bytes, alpha not premultiplied, or
/// x 3 where cpng_has_alpha is 0. Samples of 16 bits are rounded.
cpng_result cpng_read8(cpng_reader *reader, uint8_t *pixels);

/// Text chunks of the picture, complete only after cpng_read. Text of tEXt and zTXt chunks is
/// Latin-1 and that of iTXt chunks UTF-8, which `*is_utf8` tells.
int cpng_text_count(const cpng_reader *reader);
cpng_text cpng_text_at(const cpng_reader *reader, int index, int *is_utf8);

void cpng_close(cpng_reader *reader);

// MARK: Writing

/// Encodes height x width x 3 bytes as an 8-bit RGB PNG, the text chunks before the picture: tEXt
/// where the text is ASCII, else iTXt, uncompressed. The same input gives the same bytes with the
/// same libpng and zlib. On success `*png` is `*count` bytes, to be released with cpng_free.
cpng_result cpng_write_rgb8(const uint8_t *rgb, uint32_t width, uint32_t height,
                            const cpng_text *texts, int text_count, uint8_t **png, size_t *count);

void cpng_free(uint8_t *png);
