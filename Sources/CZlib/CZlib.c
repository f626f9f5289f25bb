#include "CZlib.h"

#include <stdlib.h>
#include <zlib.h>

// zlib counts in unsigned int.
#define STEP ((size_t)1 << 20)

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

// Inflates until the end of the last member into `*out`, which grows.
static czlib_status unpack(z_stream *stream, const uint8_t *bytes, size_t count, size_t limit,
                           uint8_t **out, size_t *out_count) {
  size_t capacity = 0, taken = 0;
  for (;;) {
    if (*out_count == capacity) {
      // One byte above the limit tells a file that fills it from one that exceeds it.
      if (capacity > limit) return CZLIB_TOO_LARGE;
      capacity = least(capacity ? 2 * capacity : STEP, limit + 1);
      uint8_t *grown = realloc(*out, capacity);
      if (!grown) return CZLIB_OUT_OF_MEMORY;
      *out = grown;
    }
    size_t given = least(count - taken, STEP), room = least(capacity - *out_count, STEP);
    stream->next_in = (Bytef *)bytes + taken;
    stream->avail_in = (uInt)given;
    stream->next_out = *out + *out_count;
    stream->avail_out = (uInt)room;
    int code = inflate(stream, Z_NO_FLUSH);
    taken += given - stream->avail_in;
    *out_count += room - stream->avail_out;
    if (code == Z_STREAM_END) {
      if (taken == count) return *out_count > limit ? CZLIB_TOO_LARGE : CZLIB_OK;
      if (inflateReset(stream) != Z_OK) return CZLIB_CORRUPT;
    } else if (code == Z_MEM_ERROR) {
      return CZLIB_OUT_OF_MEMORY;
    } else if (code == Z_BUF_ERROR && taken == count) {
      return CZLIB_TRUNCATED;
    } else if (code != Z_OK) {
      return CZLIB_CORRUPT;
    }
  }
}

czlib_status czlib_gunzip(const uint8_t *bytes, size_t count, size_t limit, uint8_t **out,
                          size_t *out_count) {
  *out = NULL;
  *out_count = 0;
  z_stream stream = {0};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return CZLIB_OUT_OF_MEMORY;
  czlib_status status = unpack(&stream, bytes, count, limit, out, out_count);
  inflateEnd(&stream);
  if (status != CZLIB_OK) {
    free(*out);
    *out = NULL;
  }
  return status;
}

void czlib_free(uint8_t *bytes) { free(bytes); }

uint32_t czlib_crc32(uint32_t before, const uint8_t *bytes, size_t count) {
  // zlib takes no bytes for the wish to start anew.
  return count ? (uint32_t)crc32_z(before, bytes, count) : before;
}
