/* Texts and numbers as _marks.c and _fragments.c take them. */
#include "_ranges.h"
#include <stdlib.h>

typedef struct {
    int kind;
    const char *data;
    Py_ssize_t length;
} Text;

/* Numbers that are appended to. */
typedef struct { int64_t *items; Py_ssize_t count, room; } Numbers;

int append(Numbers *numbers, const int64_t *items, Py_ssize_t count);
PyObject *pairs_of(const Numbers *numbers);
PyObject *marks_fragments(PyObject *self, PyObject *args);

static inline Text text_of(PyObject *text)
{
    return (Text){PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)};
}

static inline Py_UCS4 at_place(const Text *text, Py_ssize_t at) { return PyUnicode_READ(text->kind, text->data, at); }
