#include "CPNG.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

// Compressed metadata may expand to anything; these bound it to 256 MiB in all. libpng drops what
// exceeds them and goes on.
#define CHUNK_LIMIT (1u << 20)
#define CHUNK_COUNT_LIMIT 256

static cpng_result success(void) { return (cpng_result){.status = CPNG_OK}; }

static void report(cpng_result *result, cpng_status status, const char *message) {
  result->status = status;
  strncpy(result->message, message, CPNG_MESSAGE_SIZE - 1);
  result->message[CPNG_MESSAGE_SIZE - 1] = 0;
}

static cpng_result failure(cpng_status status, const char *message) {
  cpng_result result;
  report(&result, status, message);
  return result;
}

// libpng's error handler: jumps back to the setjmp of the running entry point.
static void fail(png_structp png, png_const_charp message) {
  int memory = strstr(message, "memory") != NULL;
  report(png_get_error_ptr(png), memory ? CPNG_OUT_OF_MEMORY : CPNG_CORRUPT, message);
  png_longjmp(png, 1);
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

// MARK: Reading

struct cpng_reader {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, offset;
  uint32_t width, height;
  cpng_result result;
  png_bytep *rows;
};

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  cpng_reader *reader = png_get_io_ptr(png);
  if (count > reader->count - reader->offset) png_error(png, "a chunk runs past the end");
  memcpy(target, reader->bytes + reader->offset, count);
  reader->offset += count;
}

// Whether every chunk up to IEND lies within the data. libpng allocates and clears what a chunk's
// length field claims, up to 2 GiB, before it reads any of it.
static int is_complete(const uint8_t *bytes, size_t count) {
  const size_t around = 12;  // length, type and checksum
  size_t offset = 8;
  while (count - offset >= around) {
    const uint8_t *at = bytes + offset;
    size_t length =
        (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | (size_t)at[3];
    if (length > count - offset - around) return 0;
    if (memcmp(at + 4, "IEND", 4) == 0) return 1;
    offset += around + length;
  }
  return 0;
}

cpng_result cpng_open(const uint8_t *bytes, size_t count, cpng_reader **out) {
  *out = NULL;
  if (count == 0 || png_sig_cmp(bytes, 0, count < 8 ? count : 8) != 0)
    return failure(CPNG_NOT_PNG, "no PNG signature");
  if (count < 8 || !is_complete(bytes, count))
    return failure(CPNG_TRUNCATED, "the data ends before the picture does");
  cpng_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return failure(CPNG_OUT_OF_MEMORY, "no memory for the decoder");
  reader->bytes = bytes;
  reader->count = count;
  reader->png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader->result, fail, ignore_warning);
  if (reader->png) reader->info = png_create_info_struct(reader->png);
  if (!reader->info) {
    cpng_close(reader);
    return failure(CPNG_OUT_OF_MEMORY, "no memory for the decoder");
  }
  if (setjmp(png_jmpbuf(reader->png))) {
    cpng_result result = reader->result;
    cpng_close(reader);
    return result;
  }
  png_set_read_fn(reader->png, reader, read_bytes);
  // Sizes are the caller's to judge, before it allocates.
  png_set_user_limits(reader->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(reader->png, CHUNK_LIMIT);
  png_set_chunk_cache_max(reader->png, CHUNK_COUNT_LIMIT);
  png_read_info(reader->png, reader->info);
  reader->width = png_get_image_width(reader->png, reader->info);
  reader->height = png_get_image_height(reader->png, reader->info);
  *out = reader;
  return success();
}

uint32_t cpng_width(const cpng_reader *reader) { return reader->width; }
uint32_t cpng_height(const cpng_reader *reader) { return reader->height; }

// Reads all rows, each of row_bytes bytes once transformed as asked for.
static void read_rows(cpng_reader *reader, png_bytep pixels, size_t row_bytes) {
  png_set_interlace_handling(reader->png);
  png_read_update_info(reader->png, reader->info);
  if (png_get_rowbytes(reader->png, reader->info) != row_bytes)
    png_error(reader->png, "unexpected row size");
  reader->rows = calloc(reader->height, sizeof *reader->rows);
  if (!reader->rows) png_error(reader->png, "no memory for the rows");
  for (uint32_t y = 0; y < reader->height; ++y) reader->rows[y] = pixels + y * row_bytes;
  png_read_image(reader->png, reader->rows);
  png_read_end(reader->png, reader->info);
}

cpng_result cpng_read(cpng_reader *reader, uint16_t *rgba) {
  reader->result = success();
  if (setjmp(png_jmpbuf(reader->png))) return reader->result;
  png_set_expand_16(reader->png);
  png_set_gray_to_rgb(reader->png);
  png_set_add_alpha(reader->png, 0xffff, PNG_FILLER_AFTER);
  const uint16_t one = 1;
  if (*(const uint8_t *)&one == 1) png_set_swap(reader->png);
  read_rows(reader, (png_bytep)rgba, (size_t)reader->width * 4 * sizeof *rgba);
  return success();
}

int cpng_has_alpha(const cpng_reader *reader) {
  return (png_get_color_type(reader->png, reader->info) & PNG_COLOR_MASK_ALPHA) != 0 ||
         png_get_valid(reader->png, reader->info, PNG_INFO_tRNS) != 0;
}

cpng_result cpng_read8(cpng_reader *reader, uint8_t *pixels) {
  reader->result = success();
  if (setjmp(png_jmpbuf(reader->png))) return reader->result;
  size_t channels = cpng_has_alpha(reader) ? 4 : 3;
  png_set_expand(reader->png);
  png_set_scale_16(reader->png);
  png_set_gray_to_rgb(reader->png);
  read_rows(reader, pixels, reader->width * channels);
  return success();
}

int cpng_text_count(const cpng_reader *reader) {
  png_textp texts = NULL;
  int count = 0;
  png_get_text(reader->png, reader->info, &texts, &count);
  return count;
}

cpng_text cpng_text_at(const cpng_reader *reader, int index, int *is_utf8) {
  png_textp texts = NULL;
  png_get_text(reader->png, reader->info, &texts, NULL);
  const png_text *text = &texts[index];
  *is_utf8 = text->compression == PNG_ITXT_COMPRESSION_NONE ||
             text->compression == PNG_ITXT_COMPRESSION_zTXt;
  return (cpng_text){.keyword = text->key, .text = text->text ? text->text : ""};
}

void cpng_close(cpng_reader *reader) {
  if (!reader) return;
  png_destroy_read_struct(&reader->png, &reader->info, NULL);
  free(reader->rows);
  free(reader);
}

// MARK: Writing

typedef struct writer {
  png_structp png;
  png_infop info;
  png_text *texts;
  uint8_t *bytes;
  size_t count, capacity;
  cpng_result result;
} writer;

static void write_bytes(png_structp png, png_bytep source, size_t count) {
  writer *w = png_get_io_ptr(png);
  if (count > w->capacity - w->count) {
    size_t capacity = w->capacity * 2 > w->count + count ? w->capacity * 2 : w->count + count;
    uint8_t *grown = realloc(w->bytes, capacity);
    if (!grown) png_error(png, "no memory for the encoded picture");
    w->bytes = grown;
    w->capacity = capacity;
  }
  memcpy(w->bytes + w->count, source, count);
  w->count += count;
}

static int is_ascii(const char *text) {
  for (; *text; ++text)
    if ((unsigned char)*text >= 0x80) return 0;
  return 1;
}

static void encode(writer *w, const uint8_t *rgb, uint32_t width, uint32_t height,
                   const cpng_text *texts, int text_count) {
  png_set_write_fn(w->png, w, write_bytes, NULL);
  png_set_user_limits(w->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(w->png, w->info, width, height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_sRGB(w->png, w->info, PNG_sRGB_INTENT_PERCEPTUAL);
  // Pinned, so that a change of libpng's defaults does not change our files.
  png_set_compression_level(w->png, 6);
  png_set_filter(w->png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  if (text_count > 0) {
    w->texts = calloc((size_t)text_count, sizeof *w->texts);
    if (!w->texts) png_error(w->png, "no memory for the texts");
    for (int i = 0; i < text_count; ++i) {
      size_t length = strlen(texts[i].text);
      int ascii = is_ascii(texts[i].text);
      w->texts[i].compression = ascii ? PNG_TEXT_COMPRESSION_NONE : PNG_ITXT_COMPRESSION_NONE;
      w->texts[i].key = (png_charp)texts[i].keyword;
      w->texts[i].text = (png_charp)texts[i].text;
      w->texts[i].text_length = ascii ? length : 0;
      w->texts[i].itxt_length = ascii ? 0 : length;
    }
    png_set_text(w->png, w->info, w->texts, text_count);
  }
  png_write_info(w->png, w->info);
  for (uint32_t y = 0; y < height; ++y) png_write_row(w->png, rgb + (size_t)y * width * 3);
  png_write_end(w->png, NULL);
}

cpng_result cpng_write_rgb8(const uint8_t *rgb, uint32_t width, uint32_t height,
                            const cpng_text *texts, int text_count, uint8_t **png, size_t *count) {
  *png = NULL;
  *count = 0;
  // On the heap, so that its fields are defined after the jump.
  writer *w = calloc(1, sizeof *w);
  if (!w) return failure(CPNG_OUT_OF_MEMORY, "no memory for the encoder");
  w->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w->result, fail, ignore_warning);
  if (w->png) w->info = png_create_info_struct(w->png);
  if (!w->info) {
    report(&w->result, CPNG_OUT_OF_MEMORY, "no memory for the encoder");
  } else if (!setjmp(png_jmpbuf(w->png))) {
    encode(w, rgb, width, height, texts, text_count);
    *png = w->bytes;
    *count = w->count;
    w->bytes = NULL;
  }
  png_destroy_write_struct(&w->png, &w->info);
  free(w->texts);
  free(w->bytes);
  cpng_result result = w->result;
  free(w);
  return result;
}

void cpng_free(uint8_t *png) { free(png); }
