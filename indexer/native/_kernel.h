/* The functions of the extension that build postings and look terms up (_sorting.c,
 * _interning.c, _pairing.c), and what they share. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

int kernel_take32(PyObject *object, Py_buffer *view); /* a buffer of 32-bit items; -1 for an error */

PyObject *kernel_group(PyObject *self, PyObject *args);
PyObject *kernel_group_pairs(PyObject *self, PyObject *args);
PyObject *kernel_merge_terms(PyObject *self, PyObject *args);
PyObject *kernel_intern(PyObject *self, PyObject *args);
PyObject *kernel_intern_slices(PyObject *self, PyObject *args);
PyObject *kernel_order_terms(PyObject *self, PyObject *capsule);
PyObject *kernel_term_table(PyObject *self, PyObject *args);
PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule);
PyObject *kernel_intern_units(PyObject *self, PyObject *args);
PyObject *kernel_find_span(PyObject *self, PyObject *args);
