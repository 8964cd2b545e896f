/* Ranges of characters, as _segmenter.c and _text.c take them: a text of the first and the last of each, in turn. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    int kind;
    const void *data;
    Py_ssize_t count;
} Ranges;

static inline Ranges ranges_of(PyObject *text)
{
    return (Ranges){PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text) / 2 * 2};
}

static inline int is_in(const Ranges *ranges, Py_UCS4 code)
{
    for (Py_ssize_t i = 0; i < ranges->count; i += 2)
        if (code >= PyUnicode_READ(ranges->kind, ranges->data, i)
            && code <= PyUnicode_READ(ranges->kind, ranges->data, i + 1))
            return 1;
    return 0;
}
