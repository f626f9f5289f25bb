/// What Tessera needs of zlib: unpacking gzip files in memory, and checksums.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum czlib_status {
  CZLIB_OK = 0,
  CZLIB_TRUNCATED,      ///< The bytes end before the file does.
  CZLIB_CORRUPT,        ///< The bytes are no gzip file, or their checksum is wrong.
  CZLIB_TOO_LARGE,      ///< There is more in it than the limit.
  CZLIB_OUT_OF_MEMORY,
} czlib_status;

/// Unpacks a gzip file, all its members. On success `*out` is `*out_count` bytes, at most `limit`,
/// to be released with czlib_free.
czlib_status czlib_gunzip(const uint8_t *bytes, size_t count, size_t limit, uint8_t **out,
                          size_t *out_count);

void czlib_free(uint8_t *bytes);

/// CRC-32 as zip, gzip and PNG have it, of these bytes after others whose checksum is `before`; 0 is
/// that of none.
uint32_t czlib_crc32(uint32_t before, const uint8_t *bytes, size_t count);
