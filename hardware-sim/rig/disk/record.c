/*
 * Loaded under a process (LD_PRELOAD), it writes down everything that the process does to files under one folder: writes with
 * their bytes, truncations, syncs, creations, renames, removals, in the order in which they took effect. Told to by a control
 * file, it also refuses writes as a full disk does, or makes syncs slow.
 *
 * One record: type u8, path length u8, data length u32, offset u64 (little-endian), path, data.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, TRUNCATE = 2, SYNC = 3, CREATE = 4, RENAME = 5, REMOVE = 6, SYNC_FOLDER = 7 };
enum { FILES_MAX = 4096, PATH_BYTES_MAX = 200 };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char *paths[FILES_MAX]; /* relative to the folder; "." is the folder itself */
static const char *folder, *control;
static int out = -1, ready = 0;

static void start(void) {
  if (ready) return;
  ready = 1;
  folder = getenv("SANDOQ_RECORD_FOLDER");
  control = getenv("SANDOQ_DISK_CONTROL");
  const char *to = getenv("SANDOQ_RECORD");
  if (folder && to) out = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static const char *relative(const char *path) {
  start();
  if (!folder || !path) return NULL;
  size_t n = strlen(folder);
  if (strncmp(path, folder, n) != 0) return NULL;
  if (path[n] == 0) return ".";
  return path[n] == '/' && strlen(path + n + 1) < PATH_BYTES_MAX ? path + n + 1 : NULL;
}

static void note(int type, const char *path, uint64_t offset, const void *data, uint32_t bytes) {
  if (out < 0) return;
  unsigned char head[14];
  uint8_t length = (uint8_t)strlen(path);
  head[0] = (unsigned char)type;
  head[1] = length;
  memcpy(head + 2, &bytes, 4);
  memcpy(head + 6, &offset, 8);
  struct iovec parts[3] = {{head, 14}, {(void *)path, length}, {(void *)data, bytes}};
  if (syscall(SYS_writev, out, parts, 3) < 0) abort();
}

static const char *of(int fd) { return fd >= 0 && fd < FILES_MAX ? paths[fd] : NULL; }

/* 'f' refuses what takes space, 's' is slow */
static int ordered(char what) {
  if (!control) return 0;
  char read_byte = 0;
  int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0) return 0;
  long n = syscall(SYS_read, fd, &read_byte, 1);
  syscall(SYS_close, fd);
  return n == 1 && read_byte == what;
}

#define REAL(name, type) \
  static __typeof__(type) *real; \
  if (!real) real = (__typeof__(type) *)dlsym(RTLD_NEXT, name)

static int opened(int fd, const char *path, int existed, int flags) {
  if (fd < 0 || fd >= FILES_MAX) return fd;
  const char *here = relative(path);
  pthread_mutex_lock(&lock);
  free(paths[fd]);
  paths[fd] = here ? strdup(here) : NULL;
  if (here && !existed && (flags & O_CREAT)) note(CREATE, here, 0, "", 0);
  if (here && existed && (flags & O_TRUNC)) note(TRUNCATE, here, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return fd;
}

static int exists(const char *path) {
  struct stat found;
  return relative(path) ? syscall(SYS_newfstatat, AT_FDCWD, path, &found, 0) == 0 : 1;
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(#name, int(const char *, int, ...)); \
    va_list more; \
    va_start(more, flags); \
    int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, int) : 0; \
    va_end(more); \
    int existed = exists(path); \
    return opened(real(path, flags, mode), path, existed, flags); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int at, const char *path, int flags, ...) { \
    REAL(#name, int(int, const char *, int, ...)); \
    va_list more; \
    va_start(more, flags); \
    int mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(more, int) : 0; \
    va_end(more); \
    int existed = exists(path); \
    return opened(real(at, path, flags, mode), path, existed, flags); \
  }
OPENAT(openat)
OPENAT(openat64)

int close(int fd) {
  REAL("close", int(int));
  pthread_mutex_lock(&lock);
  if (of(fd)) {
    free(paths[fd]);
    paths[fd] = NULL;
  }
  pthread_mutex_unlock(&lock);
  return real(fd);
}

static ssize_t full(void) {
  errno = ENOSPC;
  return -1;
}

#define PWRITE(name) \
  ssize_t name(int fd, const void *data, size_t bytes, off_t offset) { \
    REAL(#name, ssize_t(int, const void *, size_t, off_t)); \
    const char *path = of(fd); \
    if (!path) return real(fd, data, bytes, offset); \
    if (ordered('f')) return full(); \
    pthread_mutex_lock(&lock); \
    ssize_t done = real(fd, data, bytes, offset); \
    if (done > 0) note(WRITE, path, (uint64_t)offset, data, (uint32_t)done); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

ssize_t write(int fd, const void *data, size_t bytes) {
  REAL("write", ssize_t(int, const void *, size_t));
  const char *path = of(fd);
  if (!path) return real(fd, data, bytes);
  if (ordered('f')) return full();
  pthread_mutex_lock(&lock);
  off_t before = (off_t)syscall(SYS_lseek, fd, 0, SEEK_CUR);
  int flags = fcntl(fd, F_GETFL);
  if (flags & O_APPEND) before = (off_t)syscall(SYS_lseek, fd, 0, SEEK_END);
  ssize_t done = real(fd, data, bytes);
  if (done > 0) note(WRITE, path, (uint64_t)before, data, (uint32_t)done);
  pthread_mutex_unlock(&lock);
  return done;
}

#define TRUNC(name) \
  int name(int fd, off_t bytes) { \
    REAL(#name, int(int, off_t)); \
    const char *path = of(fd); \
    if (!path) return real(fd, bytes); \
    pthread_mutex_lock(&lock); \
    int done = real(fd, bytes); \
    if (done == 0) note(TRUNCATE, path, (uint64_t)bytes, "", 0); \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
TRUNC(ftruncate)
TRUNC(ftruncate64)

#define FSYNC(name) \
  int name(int fd) { \
    REAL(#name, int(int)); \
    const char *path = of(fd); \
    if (!path) return real(fd); \
    if (ordered('s')) usleep(300000); \
    pthread_mutex_lock(&lock); \
    int done = real(fd); \
    if (done == 0) { \
      struct stat found; \
      int is_folder = fstat(fd, &found) == 0 && S_ISDIR(found.st_mode); \
      note(is_folder ? SYNC_FOLDER : SYNC, path, 0, "", 0); \
    } \
    pthread_mutex_unlock(&lock); \
    return done; \
  }
FSYNC(fsync)
FSYNC(fdatasync)

int rename(const char *from, const char *to) {
  REAL("rename", int(const char *, const char *));
  const char *a = relative(from), *b = relative(to);
  pthread_mutex_lock(&lock);
  int done = real(from, to);
  if (done == 0 && a && b) note(RENAME, a, 0, b, (uint32_t)strlen(b));
  pthread_mutex_unlock(&lock);
  return done;
}

int unlink(const char *path) {
  REAL("unlink", int(const char *));
  const char *here = relative(path);
  pthread_mutex_lock(&lock);
  int done = real(path);
  if (done == 0 && here) note(REMOVE, here, 0, "", 0);
  pthread_mutex_unlock(&lock);
  return done;
}
