/* Interning the grams of units: see intern_units in indexer/codec/vectorized.py.
 *
 * A table maps a character or a pair of characters to its number without making a string of it. It only
 * remembers what the dictionary says, so dropping it changes nothing.
 */
#include "_kernel.h"
#include <stdint.h>
#include <stdlib.h>

#define NAME "indexer.codec._kernel.table"

typedef struct {
    uint64_t *keys;             /* 0: free */
    uint32_t *numbers;
    size_t room, used;          /* room is a power of two */
} Table;

static void free_table(PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    free(table->keys);
    free(table->numbers);
    free(table);
}

PyObject *kernel_gram_table(PyObject *self, PyObject *args)
{
    Table *table = calloc(1, sizeof(Table));
    if (table) {
        table->room = 1 << 12;
        table->keys = calloc(table->room, 8);
        table->numbers = calloc(table->room, 4);
    }
    if (!table || !table->keys || !table->numbers) {
        if (table) { free(table->keys); free(table->numbers); free(table); }
        return PyErr_NoMemory();
    }
    return PyCapsule_New(table, NAME, free_table);
}

static inline size_t slot_of(const Table *table, uint64_t key)
{
    uint64_t mixed = key * 0x9E3779B97F4A7C15ull;
    size_t at = (size_t)((mixed ^ (mixed >> 29)) & (table->room - 1));
    while (table->keys[at] && table->keys[at] != key) at = (at + 1) & (table->room - 1);
    return at;
}

static int put(Table *table, uint64_t key, uint32_t number)
{
    if (table->used * 5 >= table->room * 3) {
        Table grown = {calloc(table->room * 2, 8), calloc(table->room * 2, 4), table->room * 2, table->used};
        if (!grown.keys || !grown.numbers) {
            free(grown.keys);
            free(grown.numbers);
            PyErr_NoMemory();
            return -1;
        }
        for (size_t i = 0; i < table->room; i++) {
            if (!table->keys[i]) continue;
            size_t at = slot_of(&grown, table->keys[i]);
            grown.keys[at] = table->keys[i];
            grown.numbers[at] = table->numbers[i];
        }
        free(table->keys);
        free(table->numbers);
        *table = grown;
    }
    size_t at = slot_of(table, key);
    table->keys[at] = key;
    table->numbers[at] = number;
    table->used++;
    return 0;
}

/* The number of a term in the dictionary, which gives a new one the next; -1 with an error set. */
static int64_t number_of(PyObject *numbers, PyObject *term)
{
    PyObject *found = PyDict_GetItemWithError(numbers, term);
    if (found) return (int64_t)PyLong_AsUnsignedLong(found);
    if (PyErr_Occurred()) return -1;
    Py_ssize_t next = PyDict_GET_SIZE(numbers);
    PyObject *number = PyLong_FromSsize_t(next);
    int status = number ? PyDict_SetItem(numbers, term, number) : -1;
    Py_XDECREF(number);
    return status < 0 ? -1 : next;
}

typedef struct {
    uint32_t *terms, *positions;
    Py_ssize_t count;
    uint32_t position;
} Out;

static int add_run(Table *table, PyObject *numbers, PyObject *run, Out *out)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(run);
    int kind = PyUnicode_KIND(run);
    const void *text = PyUnicode_DATA(run);
    for (int pair = 0; pair < 2; pair++) {
        for (Py_ssize_t i = 0; i + pair < length; i++) {
            uint64_t key = ((uint64_t)PyUnicode_READ(kind, text, i) + 1) << 32;
            if (pair) key |= (uint64_t)PyUnicode_READ(kind, text, i + 1) + 1;
            size_t at = slot_of(table, key);
            uint32_t number = table->numbers[at];
            if (!table->keys[at]) {
                PyObject *term = PyUnicode_Substring(run, i, i + 1 + pair);
                int64_t found = term ? number_of(numbers, term) : -1;
                Py_XDECREF(term);
                if (found < 0 || put(table, key, (uint32_t)found) < 0) return -1;
                number = (uint32_t)found;
            }
            out->terms[out->count] = number;
            out->positions[out->count++] = out->position + (uint32_t)i;
        }
    }
    out->position += (uint32_t)length;
    return 0;
}

static int add_unit(Table *table, PyObject *numbers, PyObject *unit, Out *out)
{
    PyObject *run = PyTuple_GET_ITEM(unit, 0), *word = PyTuple_GET_ITEM(unit, 1);
    if (PyUnicode_GET_LENGTH(run)) return add_run(table, numbers, run, out);
    int64_t number = number_of(numbers, word);
    if (number < 0) return -1;
    out->terms[out->count] = (uint32_t)number;
    out->positions[out->count++] = out->position++;
    return 0;
}

/* How many terms the units have at most; -1 where they are not pairs of text. */
static Py_ssize_t size_of(PyObject *items)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(items); i++) {
        PyObject *unit = PySequence_Fast_GET_ITEM(items, i);
        if (!PyTuple_Check(unit) || PyTuple_GET_SIZE(unit) != 2 || !PyUnicode_Check(PyTuple_GET_ITEM(unit, 0))
            || !PyUnicode_Check(PyTuple_GET_ITEM(unit, 1))) {
            PyErr_SetString(PyExc_TypeError, "a unit is a pair of text");
            return -1;
        }
        size += 2 * PyUnicode_GET_LENGTH(PyTuple_GET_ITEM(unit, 0)) + 1;
    }
    return size;
}

PyObject *kernel_intern_units(PyObject *self, PyObject *args)
{
    PyObject *numbers, *capsule, *units, *result = NULL;
    if (!PyArg_ParseTuple(args, "O!OO", &PyDict_Type, &numbers, &capsule, &units)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = table ? PySequence_Fast(units, "units must be a sequence") : NULL;
    if (!items) return NULL;
    Py_ssize_t size = size_of(items);
    Out out = {NULL, NULL, 0, 0};
    if (size >= 0) {
        out.terms = malloc((size_t)size * 4 + 4);
        out.positions = malloc((size_t)size * 4 + 4);
        int status = out.terms && out.positions ? 0 : -1;
        if (status) PyErr_NoMemory();
        for (Py_ssize_t i = 0; !status && i < PySequence_Fast_GET_SIZE(items); i++)
            status = add_unit(table, numbers, PySequence_Fast_GET_ITEM(items, i), &out);
        if (!status)
            result = Py_BuildValue("(y#y#)", (const char *)out.terms, out.count * 4,
                                   (const char *)out.positions, out.count * 4);
    }
    free(out.terms);
    free(out.positions);
    Py_DECREF(items);
    return result;
}
