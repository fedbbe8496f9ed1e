/*
 * Counts the calls by which a process changes files below one directory, and at the k-th of them
 * kills the process (SIGKILL) or fails the call. Preloaded into Node, whose file calls go through libc.
 *
 *   SHIM_DIR     only calls on files below it count
 *   SHIM_AT      the k-th call (from 1); 0: only count
 *   SHIM_DO      kill: die before the call. half: write half of the bytes, then die. eio: fail once
 *   SHIM_REPORT  the number of calls is written here at the end
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static const char *directory;
static const char *deed;
static long wanted;

__attribute__((constructor)) static void begin(void) {
  const char *at = getenv("SHIM_AT");
  directory = getenv("SHIM_DIR");
  deed = getenv("SHIM_DO");
  wanted = at == NULL ? 0 : atol(at);
}

__attribute__((destructor)) static void end(void) {
  const char *report = getenv("SHIM_REPORT");
  if (report == NULL) return;
  FILE *file = fopen(report, "w");
  if (file == NULL) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

static int is_ours(const char *path) {
  return directory != NULL && path != NULL && strncmp(path, directory, strlen(directory)) == 0;
}

static int is_our_file(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return is_ours(path);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* 0: go on. 1: half. 2: fail with EIO. */
static int judge(int counts) {
  if (!counts) return 0;
  if (atomic_fetch_add(&calls, 1) + 1 != wanted || deed == NULL) return 0;
  if (strcmp(deed, "half") == 0) return 1;
  if (strcmp(deed, "eio") == 0) return 2;
  die();
  return 0;
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITE(name, offset_type)                                                       \
  ssize_t name(int fd, const void *bytes, size_t count, offset_type at) {              \
    int verdict = judge(is_our_file(fd));                                              \
    if (verdict == 2) { errno = EIO; return -1; }                                      \
    if (verdict == 1) { NEXT(name)(fd, bytes, count / 2, at); die(); }                 \
    return NEXT(name)(fd, bytes, count, at);                                           \
  }

#define ON_FILE(name)                                                                  \
  int name(int fd) {                                                                   \
    int verdict = judge(is_our_file(fd));                                              \
    if (verdict == 2) { errno = EIO; return -1; }                                      \
    if (verdict == 1) die();                                                           \
    return NEXT(name)(fd);                                                             \
  }

#define CUT(name, offset_type)                                                         \
  int name(int fd, offset_type size) {                                                 \
    int verdict = judge(is_our_file(fd));                                              \
    if (verdict == 2) { errno = EIO; return -1; }                                      \
    if (verdict == 1) die();                                                           \
    return NEXT(name)(fd, size);                                                       \
  }

WRITE(pwrite, off_t)
WRITE(pwrite64, off64_t)
ON_FILE(fsync)
ON_FILE(fdatasync)
CUT(ftruncate, off_t)
CUT(ftruncate64, off64_t)

ssize_t write(int fd, const void *bytes, size_t count) {
  int verdict = judge(is_our_file(fd));
  if (verdict == 2) { errno = EIO; return -1; }
  if (verdict == 1) { NEXT(write)(fd, bytes, count / 2); die(); }
  return NEXT(write)(fd, bytes, count);
}

int rename(const char *from, const char *to) {
  int verdict = judge(is_ours(from));
  if (verdict == 2) { errno = EIO; return -1; }
  if (verdict == 1) die();
  return NEXT(rename)(from, to);
}

int unlink(const char *path) {
  int verdict = judge(is_ours(path));
  if (verdict == 2) { errno = EIO; return -1; }
  if (verdict == 1) die();
  return NEXT(unlink)(path);
}
