/*
 * Makes pg_dump and pg_restore faster. Preloaded into them, it does two things:
 *
 * - zlib's deflate is done by Intel's ISA-L, which writes the very same format (RFC 1950) at some five times the speed.
 *   Streams that were not begun by deflateInit_ stay with zlib, and so does all decompression.
 * - What is written to a pipe goes out in large pieces: by default it is 4 KiB at a time.
 *
 *   cc -O2 -shared -fPIC -o accelerator.so accelerator.c -lisal -ldl
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define WRITTEN_AT_ONCE (128 * 1024)

static void write_in_large_pieces(FILE *file) {
  /* Given no buffer, glibc would not heed the size; this one lives as long as the program. */
  char *buffer = file == NULL ? NULL : malloc(WRITTEN_AT_ONCE);
  if (buffer != NULL) setvbuf(file, buffer, _IOFBF, WRITTEN_AT_ONCE);
}

/* What pg_dump writes a custom-format archive to. */
__attribute__((constructor)) static void begin(void) { write_in_large_pieces(stdout); }

/* How pg_restore opens its standard output. */
FILE *fdopen(int descriptor, const char *mode) {
  static FILE *(*libc)(int, const char *);
  FILE *file;
  if (libc == NULL) libc = (FILE * (*)(int, const char *)) dlsym(RTLD_NEXT, "fdopen");
  file = libc(descriptor, mode);
  if (mode[0] == 'w' || mode[0] == 'a') write_in_large_pieces(file);
  return file;
}

/* pg_dump hands over one row at a time, some hundred bytes: only gathered are they quick to compress. */
#define GATHERED (256 * 1024)
#define MAGIC 0x484f4c4446415354ULL

struct stream {
  unsigned long long magic;
  struct isal_zstream isal;
  size_t length;
  unsigned char gathered[GATHERED];
  unsigned char level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

/* zlib's own state begins with a pointer to its stream, which is never the magic number. */
static struct stream *ours(z_streamp z) {
  struct stream *stream = z == NULL ? NULL : (struct stream *)z->state;
  return stream != NULL && stream->magic == MAGIC ? stream : NULL;
}

int deflateInit_(z_streamp z, int level, const char *version, int size) {
  struct stream *stream;
  (void)level;
  if (z == NULL || version == NULL || version[0] != ZLIB_VERSION[0] || size != (int)sizeof(z_stream))
    return Z_VERSION_ERROR;
  stream = malloc(sizeof(*stream));
  if (stream == NULL) return Z_MEM_ERROR;
  stream->magic = MAGIC;
  stream->length = 0;
  isal_deflate_init(&stream->isal);
  stream->isal.level = 1;
  stream->isal.level_buf = stream->level_buffer;
  stream->isal.level_buf_size = sizeof(stream->level_buffer);
  stream->isal.gzip_flag = IGZIP_ZLIB;
  z->state = (struct internal_state *)stream;
  z->total_in = z->total_out = 0;
  z->msg = NULL;
  return Z_OK;
}

static void gather(z_streamp z, struct stream *stream) {
  size_t room = GATHERED - stream->length;
  size_t taken = z->avail_in < room ? z->avail_in : room;
  memcpy(stream->gathered + stream->length, z->next_in, taken);
  stream->length += taken;
  z->next_in += taken;
  z->avail_in -= taken;
  z->total_in += taken;
}

static int compress_into(z_streamp z, struct stream *stream) {
  int result;
  uInt room = z->avail_out;
  stream->isal.next_out = z->next_out;
  stream->isal.avail_out = room;
  result = isal_deflate(&stream->isal);
  z->next_out = stream->isal.next_out;
  z->avail_out = stream->isal.avail_out;
  z->total_out += room - z->avail_out;
  return result == COMP_OK ? Z_OK : Z_STREAM_ERROR;
}

int deflate(z_streamp z, int flush) {
  static int (*zlib)(z_streamp, int);
  struct stream *stream = ours(z);
  if (stream == NULL) {
    if (zlib == NULL) zlib = (int (*)(z_streamp, int))dlsym(RTLD_NEXT, "deflate");
    return zlib(z, flush);
  }
  if (flush != Z_NO_FLUSH && flush != Z_FINISH) return Z_STREAM_ERROR;
  for (;;) {
    struct isal_zstream *isal = &stream->isal;
    if (isal->internal_state.state == ZSTATE_END) return Z_STREAM_END;
    if (isal->avail_in == 0 && !isal->end_of_stream) {
      if (isal->next_in != NULL) stream->length = 0, isal->next_in = NULL;
      gather(z, stream);
      if (stream->length < GATHERED && (flush != Z_FINISH || z->avail_in != 0)) return Z_OK;
      isal->next_in = stream->gathered;
      isal->avail_in = stream->length;
      isal->end_of_stream = flush == Z_FINISH && z->avail_in == 0;
    }
    if (z->avail_out == 0) return Z_OK;
    if (compress_into(z, stream) != Z_OK) return Z_STREAM_ERROR;
    if (isal->internal_state.state != ZSTATE_END && z->avail_out == 0) return Z_OK;
  }
}

int deflateEnd(z_streamp z) {
  static int (*zlib)(z_streamp);
  struct stream *stream = ours(z);
  if (stream == NULL) {
    if (zlib == NULL) zlib = (int (*)(z_streamp))dlsym(RTLD_NEXT, "deflateEnd");
    return zlib(z);
  }
  free(stream);
  z->state = NULL;
  return Z_OK;
}
