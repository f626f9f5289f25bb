#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// A progressive file of a few kilobytes may ask for thousands of passes over a large picture.
#define SCAN_LIMIT 500
#define MEMORY_LIMIT (2L << 30)

struct cjpeg_reader {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf failure;
  cjpeg_result result;
  uint8_t *row;
};

// Jumps back to the setjmp of the running entry point.
static void stop(cjpeg_reader *reader, cjpeg_status status) {
  reader->result.status = status;
  char message[JMSG_LENGTH_MAX];
  reader->errors.format_message((j_common_ptr)&reader->jpeg, message);
  snprintf(reader->result.message, CJPEG_MESSAGE_SIZE, "%s", message);
  longjmp(reader->failure, 1);
}

static void fail(j_common_ptr jpeg) {
  switch (jpeg->err->msg_code) {
    case JERR_OUT_OF_MEMORY: stop(jpeg->client_data, CJPEG_OUT_OF_MEMORY); break;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF: stop(jpeg->client_data, CJPEG_TRUNCATED); break;
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED: stop(jpeg->client_data, CJPEG_UNSUPPORTED); break;
    default: stop(jpeg->client_data, CJPEG_CORRUPT); break;
  }
}

// libjpeg warns where it would go on with grey or garbage. Only what costs no picture may pass.
static void judge(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR: break;
    case JWRN_JPEG_EOF: stop(jpeg->client_data, CJPEG_TRUNCATED); break;
    default: stop(jpeg->client_data, CJPEG_CORRUPT); break;
  }
}

static void count_scans(j_common_ptr jpeg) {
  cjpeg_reader *reader = jpeg->client_data;
  if (reader->jpeg.input_scan_number <= SCAN_LIMIT) return;
  reader->result.status = CJPEG_CORRUPT;
  snprintf(reader->result.message, CJPEG_MESSAGE_SIZE, "more than %d scans", SCAN_LIMIT);
  longjmp(reader->failure, 1);
}

cjpeg_result cjpeg_open(const uint8_t *bytes, size_t count, cjpeg_reader **out) {
  *out = NULL;
  cjpeg_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return (cjpeg_result){CJPEG_OUT_OF_MEMORY, "no memory for the decoder"};
  reader->jpeg.err = jpeg_std_error(&reader->errors);
  reader->errors.error_exit = fail;
  reader->errors.emit_message = judge;
  reader->jpeg.client_data = reader;
  if (setjmp(reader->failure)) {
    cjpeg_result result = reader->result;
    cjpeg_close(reader);
    return result;
  }
  jpeg_create_decompress(&reader->jpeg);
  reader->jpeg.mem->max_memory_to_use = MEMORY_LIMIT;
  reader->progress.progress_monitor = count_scans;
  reader->jpeg.progress = &reader->progress;
  jpeg_save_markers(&reader->jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_mem_src(&reader->jpeg, bytes, count);
  jpeg_read_header(&reader->jpeg, TRUE);
  *out = reader;
  return reader->result;
}

uint32_t cjpeg_width(const cjpeg_reader *reader) { return reader->jpeg.image_width; }
uint32_t cjpeg_height(const cjpeg_reader *reader) { return reader->jpeg.image_height; }

const uint8_t *cjpeg_exif(const cjpeg_reader *reader, size_t *count) {
  const size_t heading = 6;
  for (jpeg_saved_marker_ptr marker = reader->jpeg.marker_list; marker; marker = marker->next) {
    if (marker->data_length > heading && memcmp(marker->data, "Exif\0\0", heading) == 0) {
      *count = marker->data_length - heading;
      return marker->data + heading;
    }
  }
  *count = 0;
  return NULL;
}

static void read_rows(cjpeg_reader *reader, uint8_t *rgb) {
  struct jpeg_decompress_struct *jpeg = &reader->jpeg;
  int is_cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
  jpeg->out_color_space = is_cmyk ? JCS_CMYK : JCS_RGB;
  jpeg->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(jpeg);
  size_t width = jpeg->output_width;
  if (is_cmyk) {
    reader->row = malloc(4 * width);
    if (!reader->row) ERREXIT1(jpeg, JERR_OUT_OF_MEMORY, 0);
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    uint8_t *target = rgb + 3 * width * jpeg->output_scanline;
    JSAMPROW row = is_cmyk ? reader->row : target;
    if (jpeg_read_scanlines(jpeg, &row, 1) != 1) ERREXIT(jpeg, JERR_INPUT_EOF);
    if (!is_cmyk) continue;
    for (size_t x = 0; x < width; ++x)
      for (size_t channel = 0; channel < 3; ++channel)
        target[3 * x + channel] =
            (uint8_t)((row[4 * x + channel] * row[4 * x + 3] + 127) / 255);
  }
  jpeg_finish_decompress(jpeg);
}

cjpeg_result cjpeg_read(cjpeg_reader *reader, uint8_t *rgb) {
  reader->result.status = CJPEG_OK;
  if (!setjmp(reader->failure)) read_rows(reader, rgb);
  return reader->result;
}

void cjpeg_close(cjpeg_reader *reader) {
  if (!reader) return;
  jpeg_destroy_decompress(&reader->jpeg);
  free(reader->row);
  free(reader);
}
