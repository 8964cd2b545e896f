/* Numbering terms: see intern and intern_units in indexer/codec/vectorized.py.
 *
 * A table maps terms of one to three characters to their numbers by a key of 64 bits, without a string of
 * them. It only remembers what the dictionary says, so dropping it changes nothing. Its slots are far apart in memory:
 * those of a handful of terms are asked for before the first is needed.
 */
#include "_kernel.h"
#include <stdint.h>
#include <stdlib.h>

#define NAME "indexer.codec._kernel.table"
#define SHORT 3                 /* characters of a key, 21 bits each */
#define AHEAD 64
#define DROPPED UINT32_MAX

#if defined(__GNUC__)
#define FETCH(address) __builtin_prefetch(address)
#else
#define FETCH(address) ((void)(address))
#endif

typedef struct {
    uint64_t key;               /* 0: free */
    uint32_t number;            /* DROPPED: no term */
} Slot;

typedef struct {
    Slot *slots;
    size_t room, used;          /* room is a power of two */
} Table;

/* Whose numbers are asked for: the dictionary and what remembers it, and which terms are kept (NULL: all). */
typedef struct {
    Table *table;
    PyObject *numbers, *dropped, *keep;
} Terms;

static void free_table(PyObject *capsule)
{
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    free(table->slots);
    free(table);
}

PyObject *kernel_term_table(PyObject *self, PyObject *args)
{
    Table *table = calloc(1, sizeof(Table));
    if (table) {
        table->room = 1 << 12;
        table->slots = calloc(table->room, sizeof(Slot));
    }
    if (!table || !table->slots) {
        free(table);
        return PyErr_NoMemory();
    }
    return PyCapsule_New(table, NAME, free_table);
}

static inline size_t home_of(const Table *table, uint64_t key)
{
    uint64_t mixed = key * 0x9E3779B97F4A7C15ull;
    return (size_t)((mixed ^ (mixed >> 29)) & (table->room - 1));
}

static inline Slot *slot_of(const Table *table, uint64_t key)
{
    size_t at = home_of(table, key);
    while (table->slots[at].key && table->slots[at].key != key) at = (at + 1) & (table->room - 1);
    return &table->slots[at];
}

static int put(Table *table, uint64_t key, uint32_t number)
{
    if (table->used * 5 >= table->room * 3) {
        Table grown = {calloc(table->room * 2, sizeof(Slot)), table->room * 2, table->used};
        if (!grown.slots) {
            PyErr_NoMemory();
            return -1;
        }
        for (size_t i = 0; i < table->room; i++)
            if (table->slots[i].key) *slot_of(&grown, table->slots[i].key) = table->slots[i];
        free(table->slots);
        *table = grown;
    }
    *slot_of(table, key) = (Slot){key, number};
    table->used++;
    return 0;
}

/* `length` characters of a text as a key. */
static inline uint64_t key_of(int kind, const void *text, Py_ssize_t at, Py_ssize_t length)
{
    uint64_t key = 0;
    for (Py_ssize_t i = 0; i < length; i++)
        key |= ((uint64_t)PyUnicode_READ(kind, text, at + i) + 1) << (21 * i);
    return key;
}

/* The number of a term, which the dictionary gives a new one; DROPPED where it is none; -1 for an error. */
static int64_t ask(const Terms *terms, PyObject *term)
{
    PyObject *number = PyDict_GetItemWithError(terms->numbers, term);
    if (number) return (int64_t)PyLong_AsUnsignedLong(number);
    if (PyErr_Occurred()) return -1;
    if (terms->keep) {
        int known = PySet_Contains(terms->dropped, term);
        if (known) return known < 0 ? -1 : DROPPED;
        PyObject *answer = PyObject_CallOneArg(terms->keep, term);
        int kept = answer ? PyObject_IsTrue(answer) : -1;
        Py_XDECREF(answer);
        if (kept < 0) return -1;
        if (!kept) return PySet_Add(terms->dropped, term) < 0 ? -1 : DROPPED;
    }
    Py_ssize_t next = PyDict_GET_SIZE(terms->numbers);
    number = PyLong_FromSsize_t(next);
    int status = number ? PyDict_SetItem(terms->numbers, term, number) : -1;
    Py_XDECREF(number);
    return status < 0 ? -1 : (int64_t)next;
}

static int64_t ask_and_remember(const Terms *terms, PyObject *term, uint64_t key)
{
    int64_t number = ask(terms, term);
    return number < 0 || put(terms->table, key, (uint32_t)number) < 0 ? -1 : number;
}

/* ---- intern ------------------------------------------------------------------------------------- */

/* The numbers of up to AHEAD terms of a sequence from `first` on; how many are kept, -1 for an error. */
static Py_ssize_t number_some(const Terms *terms, PyObject *items, Py_ssize_t first, uint32_t *out)
{
    uint64_t keys[AHEAD];
    Py_ssize_t count = 0, some = PySequence_Fast_GET_SIZE(items) - first;
    if (some > AHEAD) some = AHEAD;
    for (Py_ssize_t i = 0; i < some; i++) {
        PyObject *term = PySequence_Fast_GET_ITEM(items, first + i);
        int brief = PyUnicode_Check(term) && PyUnicode_GET_LENGTH(term) <= SHORT;
        keys[i] = brief ? key_of(PyUnicode_KIND(term), PyUnicode_DATA(term), 0, PyUnicode_GET_LENGTH(term)) : 0;
        FETCH(&terms->table->slots[home_of(terms->table, keys[i])]);
    }
    /* `keep` is Python and could shorten a list: its size is asked for anew. */
    for (Py_ssize_t i = 0; i < some && first + i < PySequence_Fast_GET_SIZE(items); i++) {
        Slot *slot = keys[i] ? slot_of(terms->table, keys[i]) : NULL;
        int64_t number;
        if (slot && slot->key) number = slot->number;
        else {
            PyObject *term = Py_NewRef(PySequence_Fast_GET_ITEM(items, first + i));
            number = slot ? ask_and_remember(terms, term, keys[i]) : ask(terms, term);
            Py_DECREF(term);
        }
        if (number < 0) return -1;
        if (number != DROPPED) out[count++] = (uint32_t)number;
    }
    return count;
}

PyObject *kernel_intern(PyObject *self, PyObject *args)
{
    PyObject *capsule, *keep, *sequence;
    Terms terms;
    if (!PyArg_ParseTuple(args, "O!OO!OO", &PyDict_Type, &terms.numbers, &capsule, &PySet_Type, &terms.dropped,
                          &keep, &sequence)) return NULL;
    terms.keep = keep == Py_None ? NULL : keep;
    terms.table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = terms.table ? PySequence_Fast(sequence, "terms must be a sequence") : NULL;
    if (!items) return NULL;
    Py_ssize_t count = 0, size = PySequence_Fast_GET_SIZE(items);
    PyObject *result = PyBytes_FromStringAndSize(NULL, size * 4);
    for (Py_ssize_t first = 0; result && first < size; first += AHEAD) {
        Py_ssize_t kept = number_some(&terms, items, first, (uint32_t *)PyBytes_AS_STRING(result) + count);
        if (kept < 0) Py_CLEAR(result);
        count += kept;
    }
    Py_DECREF(items);
    if (result) _PyBytes_Resize(&result, count * 4);
    return result;
}

/* ---- intern_units ------------------------------------------------------------------------------- */

typedef struct {
    uint32_t *terms, *positions;
    Py_ssize_t count;
    uint32_t position;
} Out;

/* The `width` characters from each place of a run on, as terms. */
static int add_grams(const Terms *terms, PyObject *run, Py_ssize_t width, Out *out)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(run) - width + 1;
    int kind = PyUnicode_KIND(run);
    const void *text = PyUnicode_DATA(run);
    uint64_t keys[AHEAD];
    for (Py_ssize_t first = 0; first < length; first += AHEAD) {
        Py_ssize_t some = length - first < AHEAD ? length - first : AHEAD;
        for (Py_ssize_t i = 0; i < some; i++) {
            keys[i] = key_of(kind, text, first + i, width);
            FETCH(&terms->table->slots[home_of(terms->table, keys[i])]);
        }
        for (Py_ssize_t i = 0; i < some; i++) {
            Slot *slot = slot_of(terms->table, keys[i]);
            int64_t number = slot->number;
            if (!slot->key) {
                PyObject *term = PyUnicode_Substring(run, first + i, first + i + width);
                number = term ? ask_and_remember(terms, term, keys[i]) : -1;
                Py_XDECREF(term);
                if (number < 0) return -1;
            }
            out->terms[out->count] = (uint32_t)number;
            out->positions[out->count++] = out->position + (uint32_t)(first + i);
        }
    }
    return 0;
}

static int add_unit(const Terms *terms, PyObject *unit, Out *out)
{
    PyObject *run = PyTuple_GET_ITEM(unit, 0), *word = PyTuple_GET_ITEM(unit, 1);
    if (PyUnicode_GET_LENGTH(run)) {
        if (add_grams(terms, run, 1, out) < 0 || add_grams(terms, run, 2, out) < 0) return -1;
        out->position += (uint32_t)PyUnicode_GET_LENGTH(run);
        return 0;
    }
    int64_t number = ask(terms, word);
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
    PyObject *capsule, *units, *result = NULL;
    Terms terms = {NULL, NULL, NULL, NULL};
    if (!PyArg_ParseTuple(args, "O!OO", &PyDict_Type, &terms.numbers, &capsule, &units)) return NULL;
    terms.table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = terms.table ? PySequence_Fast(units, "units must be a sequence") : NULL;
    if (!items) return NULL;
    Py_ssize_t size = size_of(items);
    Out out = {NULL, NULL, 0, 0};
    if (size >= 0) {
        out.terms = malloc((size_t)size * 4 + 4);
        out.positions = malloc((size_t)size * 4 + 4);
        int status = out.terms && out.positions ? 0 : -1;
        if (status) PyErr_NoMemory();
        for (Py_ssize_t i = 0; !status && i < PySequence_Fast_GET_SIZE(items); i++)
            status = add_unit(&terms, PySequence_Fast_GET_ITEM(items, i), &out);
        if (!status)
            result = Py_BuildValue("(y#y#)", (const char *)out.terms, out.count * 4,
                                   (const char *)out.positions, out.count * 4);
    }
    free(out.terms);
    free(out.positions);
    Py_DECREF(items);
    return result;
}
