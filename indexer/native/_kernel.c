/* The inner loops of indexer/engine/embedded/kernel/vectorized.py, which describes every function and the scores.
 *
 * Plain CPython API and the buffer protocol; no numpy headers. Arrays come in as buffers, results go out
 * as bytes. Loops run without the GIL. Scores are integer units, so no result depends on the order of
 * evaluation; compile with -ffp-contract=off, so that each product and quotient is rounded as numpy does.
 */
#include "_kernel.h"

#define FILE_BLOCK_BITS 16      /* indexer/arrays/sections.py */

static PyObject *index_corrupt, *native_name;

int damaged(const char *what)
{
    PyErr_Format(index_corrupt, "index: %s is damaged; run `hansou rollback` or `hansou rebuild`", what);
    return -1;
}

int refuse(const char *why)
{
    PyErr_SetString(PyExc_ValueError, why);
    return -1;
}

int no_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

/* The array of a section, of whose file `flat` now knows the marks; NULL with an exception set. */
static PyObject *array_of(PyObject *section, Flat *flat)
{
    PyObject *native = flat->native = PyObject_GetAttr(section, native_name);
    if (!native || !PyTuple_CheckExact(native) || PyTuple_GET_SIZE(native) != 5) {
        PyErr_SetString(PyExc_TypeError, "an array or a section of a file is needed");
        return NULL;
    }
    PyObject *marks = PyTuple_GET_ITEM(native, 1);
    if (PyByteArray_CheckExact(marks)) {
        flat->marks = PyByteArray_AS_STRING(marks);
        flat->blocks = PyByteArray_GET_SIZE(marks);
        flat->first = PyLong_AsLongLong(PyTuple_GET_ITEM(native, 3));
    }
    return PyTuple_GET_ITEM(native, 0);
}

int flat_take(PyObject *object, Py_ssize_t itemsize, const char *what, Flat *flat)
{
    if (!PyObject_CheckBuffer(object)) object = array_of(object, flat);
    if (!object || PyObject_GetBuffer(object, &flat->view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return -1;
    Py_ssize_t size = flat->view.itemsize;
    int whole = (size == 1 || size == 2 || size == 4 || size == 8) && !((uintptr_t)flat->view.buf % (size_t)size);
    if (!flat->view.len) return 0;
    if (whole && (!itemsize || size == itemsize)) {
        flat->length = flat->view.len / size;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s: items of %zd bytes are needed", what, itemsize);
    return -1;
}

int flat_ensure(const Flat *flat, int64_t from, int64_t to)
{
    if (from < 0 || from > to || to > flat->length) return damaged("an offset");
    if (from == to) return 0;
    int64_t size = flat->view.itemsize, start = flat->first + from * size, end = flat->first + to * size;
    int64_t block = start >> FILE_BLOCK_BITS, last = (end - 1) >> FILE_BLOCK_BITS;
    if (last < flat->blocks && !memchr(flat->marks + block, 0, (size_t)(last - block + 1))) return 0;
    PyObject *done = PyObject_CallFunction(PyTuple_GET_ITEM(flat->native, 2), "LLO", (long long)start,
                                           (long long)end, PyTuple_GET_ITEM(flat->native, 4));
    Py_XDECREF(done);
    return done ? 0 : -1;
}

void flat_release(Flat *flats, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        if (flats[i].view.obj) PyBuffer_Release(&flats[i].view);
        Py_CLEAR(flats[i].native);
    }
}

static PyMethodDef methods[] = {
    {"top_union", kernel_top_union, METH_VARARGS, "The best documents of a union."},
    {"top_among", kernel_top_among, METH_VARARGS, "The best of given documents."},
    {"top_enough", kernel_top_enough, METH_VARARGS, "The best of the documents that hold enough, and all of them."},
    {"union", kernel_union, METH_VARARGS, "All documents of a union, with scores."},
    {"union_count", kernel_union_count, METH_VARARGS, "How many documents a union has."},
    {"gather", kernel_gather, METH_VARARGS, "Scores of given documents."},
    {"holdings", kernel_holdings, METH_VARARGS, "How much of the terms given documents hold, and how often."},
    {"intersection", kernel_intersection, METH_VARARGS, "Documents in all terms and lists, with scores."},
    {"phrase", kernel_phrase, METH_VARARGS, "Documents that hold a phrase."},
    {"windows", kernel_windows, METH_VARARGS, "How much of the terms stands close together in given documents."},
    {"group", kernel_group, METH_VARARGS, "Tokens sorted into postings."},
    {"group_pairs", kernel_group_pairs, METH_VARARGS, "Postings of terms and pairs from symbols."},
    {"merge_terms", kernel_merge_terms, METH_O, "Sorted term lists united."},
    {"intern", kernel_intern, METH_VARARGS, "Numbers of terms."},
    {"intern_slices", kernel_intern_slices, METH_VARARGS, "Numbers of those parts of a text that are terms."},
    {"order_terms", kernel_order_terms, METH_O, "The terms of a table sorted by their bytes."},
    {"term_table", kernel_term_table, METH_NOARGS, "A table without terms."},
    {"table_bytes", kernel_table_bytes, METH_O, "About how many bytes a table takes."},
    {"intern_units", kernel_intern_units, METH_VARARGS, "Numbers and positions of the grams of units."},
    {"find_spans", kernel_find_spans, METH_VARARGS, "The postings of terms."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_kernel", "See indexer/engine/embedded/kernel/vectorized.py.", -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernel(void)
{
    PyObject *errors = PyImport_ImportModule("indexer.errors");
    index_corrupt = errors ? PyObject_GetAttrString(errors, "IndexCorrupt") : NULL;
    native_name = PyUnicode_InternFromString("native");
    Py_XDECREF(errors);
    return index_corrupt && native_name ? PyModule_Create(&module) : NULL;
}
