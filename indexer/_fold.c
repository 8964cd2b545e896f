/* One code point for one code point: see normalize in indexer/normalize.py, whose str.translate it equals. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define ROOM 1024

/* fold(text, table): each character replaced by table[its code point], those beyond the table as they are. */
static PyObject *fold(PyObject *self, PyObject *args)
{
    PyObject *text, *table;
    if (!PyArg_ParseTuple(args, "UU", &text, &table)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), known = PyUnicode_GET_LENGTH(table);
    int kind = PyUnicode_KIND(text), table_kind = PyUnicode_KIND(table);
    const void *from = PyUnicode_DATA(text), *to = PyUnicode_DATA(table);
    Py_UCS4 here[ROOM], *out = here, differs = 0;
    if (length > ROOM && !(out = PyMem_Malloc((size_t)length * sizeof *out))) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 code = PyUnicode_READ(kind, from, i);
        out[i] = (Py_ssize_t)code < known ? PyUnicode_READ(table_kind, to, code) : code;
        differs |= out[i] ^ code;
    }
    PyObject *folded = differs ? PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, out, length) : Py_NewRef(text);
    if (out != here) PyMem_Free(out);
    return folded;
}

static PyMethodDef METHODS[] = {
    {"fold", fold, METH_VARARGS, "A text with each character replaced by the table's."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef MODULE = {PyModuleDef_HEAD_INIT, "_fold", NULL, -1, METHODS, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__fold(void)
{
    return PyModule_Create(&MODULE);
}
