/* A file system that fails where it is told to, and that tells what it was asked: preloaded into a build.

   HANSOU_SHIM_PATHS    folders, separated by ':'; calls elsewhere pass through
   HANSOU_SHIM_CONTROL  a file that holds struct control, which all processes of the build share
   HANSOU_SHIM_LOG      a file to which every change is appended in the order in which it happened

   A change is logged before the caller learns that it was made, so whatever one process does because another
   one has done something stands behind it. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum call { OPEN = 1, WRITE = 2, SYNC = 4, RENAME = 8, MKDIR = 16, MMAP = 32, REMOVE = 64, CLOSE = 128, LINK = 256 };

struct control {
    uint32_t calls;   /* those that count, a sum of enum call */
    int32_t error;    /* errno of the failing call; 0 writes half of what was given */
    uint32_t at;      /* which of them fails, from 1; 0 for none */
    uint32_t sticky;  /* whether those after it fail too */
    uint32_t seen;    /* how many there were */
};

enum change { CREATED = 1, MADE = 2, WRITTEN = 3, CUT = 4, SYNCED = 5, RENAMED = 6, REMOVED = 7, LINKED = 8 };

struct record {
    uint32_t kind, path_size, other_size;
    uint32_t data_size;
    uint64_t inode, offset;
};

static struct control *control;
static const char *folders;
static int log_file = -1;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("HANSOU_SHIM_CONTROL"), *log = getenv("HANSOU_SHIM_LOG");
    folders = getenv("HANSOU_SHIM_PATHS");
    if (file) {
        int number = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
        if (number >= 0) {
            void *at = (void *)syscall(SYS_mmap, 0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0);
            control = at == MAP_FAILED ? NULL : at;
            syscall(SYS_close, number);
        }
    }
    if (log) {
        int number = syscall(SYS_openat, AT_FDCWD, log, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
        log_file = syscall(SYS_fcntl, number, F_DUPFD_CLOEXEC, 700);
        syscall(SYS_close, number);
    }
}

/* Whether a path lies in one of the folders. */
static int watched(const char *path) {
    for (const char *at = folders; at && *at;) {
        size_t size = strcspn(at, ":");
        if (size && !strncmp(path, at, size) && (path[size] == '/' || !path[size])) return 1;
        at += size + (at[size] == ':');
    }
    return 0;
}

/* The absolute path of a name in a folder that is open; 0 where it is not watched. */
static int at_path(int folder, const char *name, char *path) {
    char base[PATH_MAX] = "";
    if (!folders || !name) return 0;
    if (*name == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        char link[64];
        snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
        ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
        if (size < 0) return 0;
        base[size] = 0;
        if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
    }
    return watched(path);
}

static int file_path(int file, char *path) {
    char link[64];
    if (!folders || file < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return watched(path);
}

/* Whether this call is the one that fails: -1 fails with errno, 1 writes half, 0 goes on. */
static int fails(enum call call) {
    if (!control || !(control->calls & call)) return 0;
    uint32_t number = __atomic_add_fetch(&control->seen, 1, __ATOMIC_SEQ_CST);
    if (!control->at || (control->sticky ? number < control->at : number != control->at)) return 0;
    if (!control->error) return 1;
    errno = control->error;
    return -1;
}

static void note(enum change kind, const char *path, const char *other, uint64_t inode, uint64_t offset,
                 const void *data, size_t size) {
    if (log_file < 0) return;
    int kept = errno;
    struct record record = {kind, strlen(path), other ? strlen(other) : 0, size, inode, offset};
    struct iovec parts[4] = {{&record, sizeof record},
                             {(void *)path, record.path_size},
                             {(void *)other, record.other_size},
                             {(void *)data, size}};
    syscall(SYS_writev, log_file, parts, 4);
    errno = kept;
}

static uint64_t inode_of(int file) {
    struct stat found;
    return fstat(file, &found) || !found.st_nlink ? 0 : found.st_ino;
}

/* What was written to a file up to where it stands, or from `offset`. */
static void note_written(int file, const char *path, const void *data, ssize_t size, off_t offset) {
    uint64_t inode;
    if (log_file < 0 || size <= 0 || !(inode = inode_of(file))) return;
    if (offset < 0) offset = lseek(file, 0, SEEK_CUR) - size;
    note(WRITTEN, path, NULL, inode, offset, data, size);
}

static int opened(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    if (!at_path(folder, name, path)) return syscall(SYS_openat, folder, name, flags, mode);
    if (fails(OPEN) < 0) return -1;
    struct stat found;
    int known = !fstatat(folder, name, &found, 0), unnamed = (flags & O_TMPFILE) == O_TMPFILE;
    int file = syscall(SYS_openat, folder, name, flags, mode);
    if (file < 0 || unnamed) return file;
    if (!known) note(CREATED, path, NULL, inode_of(file), 0, NULL, 0);
    else if (flags & O_TRUNC && found.st_size) note(CUT, path, NULL, found.st_ino, 0, NULL, 0);
    return file;
}

#define OPENS(name, folder, ...)                            \
    int name(__VA_ARGS__, int flags, ...) {                 \
        mode_t mode = 0;                                    \
        if (flags & (O_CREAT | __O_TMPFILE)) {              \
            va_list more;                                   \
            va_start(more, flags);                          \
            mode = va_arg(more, mode_t);                    \
            va_end(more);                                   \
        }                                                   \
        return opened(folder, path, flags, mode);           \
    }
OPENS(open, AT_FDCWD, const char *path)
OPENS(open64, AT_FDCWD, const char *path)
OPENS(openat, folder, int folder, const char *path)
OPENS(openat64, folder, int folder, const char *path)

ssize_t write(int file, const void *data, size_t size) {
    char path[PATH_MAX];
    if (!file_path(file, path)) return REAL(write)(file, data, size);
    int how = fails(WRITE);
    if (how < 0) return -1;
    ssize_t done = REAL(write)(file, data, how && size > 1 ? size / 2 : size);
    note_written(file, path, data, done, -1);
    return done;
}

ssize_t pwrite(int file, const void *data, size_t size, off_t offset) {
    char path[PATH_MAX];
    if (!file_path(file, path)) return REAL(pwrite)(file, data, size, offset);
    int how = fails(WRITE);
    if (how < 0) return -1;
    ssize_t done = REAL(pwrite)(file, data, how && size > 1 ? size / 2 : size, offset);
    note_written(file, path, data, done, offset);
    return done;
}
ssize_t pwrite64(int file, const void *data, size_t size, off_t offset) { return pwrite(file, data, size, offset); }

ssize_t writev(int file, const struct iovec *parts, int count) {
    char path[PATH_MAX];
    if (!file_path(file, path)) return REAL(writev)(file, parts, count);
    /* A short write may stop anywhere: after the first part, so that one form is logged. */
    return count ? write(file, parts->iov_base, parts->iov_len) : 0;
}

static void note_copied(int file, const char *path, ssize_t size) {
    if (log_file < 0 || size <= 0) return;
    char own[64], *data = malloc(size);
    snprintf(own, sizeof own, "/proc/self/fd/%d", file);
    off_t offset = lseek(file, 0, SEEK_CUR) - size;
    int reading = syscall(SYS_openat, AT_FDCWD, own, O_RDONLY | O_CLOEXEC);
    if (data && reading >= 0 && pread(reading, data, size, offset) == size)
        note_written(file, path, data, size, offset);
    if (reading >= 0) syscall(SYS_close, reading);
    free(data);
}

ssize_t sendfile(int file, int from, off_t *offset, size_t size) {
    char path[PATH_MAX];
    if (!file_path(file, path)) return REAL(sendfile)(file, from, offset, size);
    int how = fails(WRITE);
    if (how < 0) return -1;
    ssize_t done = REAL(sendfile)(file, from, offset, how ? 1 : size);
    note_copied(file, path, done);
    return done;
}
ssize_t sendfile64(int file, int from, off_t *offset, size_t size) { return sendfile(file, from, offset, size); }

ssize_t copy_file_range(int from, off_t *start, int file, off_t *offset, size_t size, unsigned flags) {
    char path[PATH_MAX];
    if (file_path(file, path)) {
        errno = ENOSYS; /* callers then copy in another way, which is logged */
        return -1;
    }
    return REAL(copy_file_range)(from, start, file, offset, size, flags);
}

static int cut(int file, off_t size) {
    char path[PATH_MAX];
    int is_watched = file_path(file, path);
    if (is_watched && fails(WRITE) < 0) return -1;
    int done = syscall(SYS_ftruncate, file, size);
    uint64_t inode;
    if (is_watched && !done && (inode = inode_of(file))) note(CUT, path, NULL, inode, size, NULL, 0);
    return done;
}
int ftruncate(int file, off_t size) { return cut(file, size); }
int ftruncate64(int file, off_t size) { return cut(file, size); }

static int synced(int file, int number) {
    char path[PATH_MAX];
    int is_watched = file_path(file, path);
    if (is_watched && fails(SYNC) < 0) return -1;
    int done = syscall(number, file);
    uint64_t inode;
    if (is_watched && !done && (inode = inode_of(file))) note(SYNCED, path, NULL, inode, 0, NULL, 0);
    return done;
}
int fsync(int file) { return synced(file, SYS_fsync); }
int fdatasync(int file) { return synced(file, SYS_fdatasync); }

static int renamed(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    char path[PATH_MAX], other[PATH_MAX];
    int is_watched = at_path(from_folder, from, path) | at_path(to_folder, to, other);
    if (is_watched && fails(RENAME) < 0) return -1;
    int done = syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (is_watched && !done) note(RENAMED, path, other, 0, 0, NULL, 0);
    return done;
}
int rename(const char *from, const char *to) { return renamed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int a, const char *from, int b, const char *to) { return renamed(a, from, b, to, 0); }
int renameat2(int a, const char *from, int b, const char *to, unsigned flags) { return renamed(a, from, b, to, flags); }

static int linked(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    char path[PATH_MAX], other[PATH_MAX];
    int is_watched = at_path(from_folder, from, path) | at_path(to_folder, to, other);
    if (is_watched && fails(LINK) < 0) return -1;
    int done = syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
    struct stat found;
    if (is_watched && !done && !fstatat(to_folder, to, &found, 0)) note(LINKED, path, other, found.st_ino, 0, NULL, 0);
    return done;
}
int link(const char *from, const char *to) { return linked(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int a, const char *from, int b, const char *to, int flags) { return linked(a, from, b, to, flags); }

static int made(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    int is_watched = at_path(folder, name, path);
    if (is_watched && fails(MKDIR) < 0) return -1;
    int done = syscall(SYS_mkdirat, folder, name, mode);
    struct stat found;
    if (is_watched && !done && !fstatat(folder, name, &found, 0)) note(MADE, path, NULL, found.st_ino, 0, NULL, 0);
    return done;
}
int mkdir(const char *path, mode_t mode) { return made(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return made(folder, path, mode); }

static int removed(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    int is_watched = at_path(folder, name, path);
    if (is_watched && fails(REMOVE) < 0) return -1;
    int done = syscall(SYS_unlinkat, folder, name, flags);
    if (is_watched && !done) note(REMOVED, path, NULL, 0, 0, NULL, 0);
    return done;
}
int unlink(const char *path) { return removed(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) { return removed(folder, path, flags); }
int rmdir(const char *path) { return removed(AT_FDCWD, path, AT_REMOVEDIR); }

static void *mapped(void *at, size_t size, int protection, int flags, int file, off_t offset) {
    char path[PATH_MAX];
    if (!(flags & MAP_ANONYMOUS) && file_path(file, path) && fails(MMAP) < 0) return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}
void *mmap(void *a, size_t b, int c, int d, int e, off_t f) { return mapped(a, b, c, d, e, f); }
void *mmap64(void *a, size_t b, int c, int d, int e, off_t f) { return mapped(a, b, c, d, e, f); }

int close(int file) {
    char path[PATH_MAX];
    int failing = control && control->calls & CLOSE && file_path(file, path) && fails(CLOSE) < 0;
    int done = syscall(SYS_close, file);
    if (!failing) return done;
    errno = control->error; /* as a network file system does: closed, and yet not written */
    return -1;
}
