/* The functions of the extension that build postings and look terms up (_grouping.c, _interning.c). */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

PyObject *kernel_group(PyObject *self, PyObject *args);
PyObject *kernel_merge_terms(PyObject *self, PyObject *args);
PyObject *kernel_intern(PyObject *self, PyObject *args);
PyObject *kernel_intern_slices(PyObject *self, PyObject *args);
PyObject *kernel_order_terms(PyObject *self, PyObject *capsule);
PyObject *kernel_term_table(PyObject *self, PyObject *args);
PyObject *kernel_table_bytes(PyObject *self, PyObject *capsule);
PyObject *kernel_intern_units(PyObject *self, PyObject *args);
PyObject *kernel_find_span(PyObject *self, PyObject *args);
