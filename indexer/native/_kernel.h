/* What the parts of the extension share: the arrays they are given, and what the functions are called. Those that
 * search are in _union.c, _candidates.c and _positions.c, those that number terms and build postings in
 * _interning.c, _ordering.c, _sorting.c and _pairing.c. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An array: a buffer, or a `Section` (indexer/arrays/sections.py), of whose file each block is verified before
 * it is read for the first time. **What is in an array may be anything; nothing is read past its ends.** */
typedef struct {
    Py_buffer view;             /* without an object where there is no array */
    int64_t length;             /* items, of 1, 2, 4 or 8 bytes */
    PyObject *native;           /* of a section: (array, marks, ensure, first byte in the file, name) */
    const char *marks;          /* of each block of the file not 0 once it was verified; NULL: all were */
    int64_t blocks, first;
} Flat;

int flat_take(PyObject *object, Py_ssize_t itemsize, const char *what, Flat *flat); /* size 0: any */
int flat_ensure(const Flat *flat, int64_t from, int64_t to);
void flat_release(Flat *flats, Py_ssize_t count);
int damaged(const char *what);  /* raises IndexCorrupt; -1 */
int refuse(const char *why);    /* raises ValueError; -1 */
int no_memory(void);            /* raises MemoryError; -1 */

/* What is to be called before items are read, with the GIL: 0, or -1 with an exception set. */
static inline int flat_verify(const Flat *flat, int64_t from, int64_t to)
{
    return flat->marks || from < 0 || from > to || to > flat->length ? flat_ensure(flat, from, to) : 0;
}

static inline uint64_t flat_at(const Flat *flat, int64_t i)
{
    switch (flat->view.itemsize) {
    case 1: return ((const uint8_t *)flat->view.buf)[i];
    case 2: return ((const uint16_t *)flat->view.buf)[i];
    case 4: return ((const uint32_t *)flat->view.buf)[i];
    default: return ((const uint64_t *)flat->view.buf)[i];
    }
}

PyObject *kernel_top_union(PyObject *self, PyObject *args);
PyObject *kernel_top_among(PyObject *self, PyObject *args);
PyObject *kernel_top_enough(PyObject *self, PyObject *args);
PyObject *kernel_union(PyObject *self, PyObject *args);
PyObject *kernel_union_count(PyObject *self, PyObject *args);
PyObject *kernel_gather(PyObject *self, PyObject *args);
PyObject *kernel_holdings(PyObject *self, PyObject *args);
PyObject *kernel_intersection(PyObject *self, PyObject *args);
PyObject *kernel_phrase(PyObject *self, PyObject *args);
PyObject *kernel_windows(PyObject *self, PyObject *args);
PyObject *kernel_group(PyObject *self, PyObject *args);
PyObject *kernel_group_pairs(PyObject *self, PyObject *args);
PyObject *kernel_merge_terms(PyObject *self, PyObject *given);
PyObject *kernel_intern(PyObject *self, PyObject *args);
PyObject *kernel_intern_slices(PyObject *self, PyObject *args);
PyObject *kernel_order_terms(PyObject *self, PyObject *capsule);
PyObject *kernel_term_table(PyObject *self, PyObject *args);
PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule);
PyObject *kernel_intern_units(PyObject *self, PyObject *args);
PyObject *kernel_find_spans(PyObject *self, PyObject *args);
