/* Numbering the terms of texts: see intern, intern_slices and intern_units in
 * indexer/engine/embedded/kernel/sorting.py. Slots of keys are far apart in memory: those of a handful of terms are
 * asked for before the first is needed. */
#include "_terms.h"

#define AHEAD 64

/* Numbers that become more. */
typedef struct { uint32_t *at; size_t count, room; } Numbers;

/* Makes room for so many numbers more; 0, or -1 with an error set. */
static int make_room(Numbers *numbers, size_t more)
{
    if (numbers->count + more <= numbers->room) return 0;
    size_t room = (numbers->count + more) * 2;
    uint32_t *grown = realloc(numbers->at, room * sizeof *grown);
    if (!grown) return no_memory();
    numbers->at = grown;
    numbers->room = room;
    return 0;
}

static PyObject *bytes_of(const Numbers *numbers)
{
    return PyBytes_FromStringAndSize((const char *)numbers->at, (Py_ssize_t)(numbers->count * sizeof *numbers->at));
}

PyObject *kernel_intern(PyObject *self, PyObject *args)
{
    PyObject *capsule, *sequence;
    if (!PyArg_ParseTuple(args, "OO", &capsule, &sequence)) return NULL;
    Table *table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = table ? PySequence_Tuple(sequence) : NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    PyObject *result = PyBytes_FromStringAndSize(NULL, size * 4);
    for (Py_ssize_t i = 0; result && i < size; i++) {
        PyObject *term = PyTuple_GET_ITEM(items, i);
        int64_t number = -1;
        if (PyUnicode_Check(term)) {
            Py_ssize_t length = PyUnicode_GET_LENGTH(term);
            uint64_t key = length <= SHORT ? key_of(PyUnicode_KIND(term), PyUnicode_DATA(term), 0, length) : 0;
            number = number_slice(table, term, 0, length, key, Py_None);
        } else {
            PyErr_SetString(PyExc_TypeError, "a term is a text");
        }
        if (number < 0) Py_CLEAR(result);
        else ((uint32_t *)PyBytes_AS_STRING(result))[i] = (uint32_t)number;
    }
    Py_DECREF(items);
    return result;
}

typedef struct {
    PyObject *text, *keep;
    const uint32_t *ends;
    Py_ssize_t count;
} Slices;

/* Adds the numbers of the slices that are terms; -1 for an error. */
static int number_slices(Table *table, const Slices *slices, Numbers *out)
{
    int kind = PyUnicode_KIND(slices->text);
    const void *text = PyUnicode_DATA(slices->text);
    uint64_t keys[AHEAD];
    Py_ssize_t from = 0, at = 0;
    if (make_room(out, (size_t)slices->count) < 0) return -1;
    for (Py_ssize_t first = 0; first < slices->count; first += AHEAD) {
        Py_ssize_t some = slices->count - first < AHEAD ? slices->count - first : AHEAD;
        for (Py_ssize_t i = 0; i < some; i++) {
            Py_ssize_t to = slices->ends[first + i];
            keys[i] = to - at <= SHORT ? key_of(kind, text, at, to - at) : 0;
            __builtin_prefetch(&table->slots[home_of(table, keys[i])]);
            at = to;
        }
        for (Py_ssize_t i = 0; i < some; i++) {
            Py_ssize_t to = slices->ends[first + i];
            int64_t number = number_slice(table, slices->text, from, to, keys[i], slices->keep);
            if (number < 0) return -1;
            if (number != DROPPED) out->at[out->count++] = (uint32_t)number;
            from = to;
        }
    }
    return 0;
}

static int ascend(const Slices *slices)
{
    uint32_t last = 0;
    for (Py_ssize_t i = 0; i < slices->count; last = slices->ends[i++])
        if (slices->ends[i] < last) return 0;
    return (Py_ssize_t)last <= PyUnicode_GET_LENGTH(slices->text);
}

/* Adds the numbers of the pieces of one text; -1 for an error. */
static int add_pieces(Table *table, PyObject *pieces, Numbers *out)
{
    PyObject *ends;
    Slices slices;
    Flat flat = {{0}};
    if (!PyArg_ParseTuple(pieces, "UOO", &slices.text, &ends, &slices.keep)) return -1;
    int status = flat_take(ends, 4, "ends", &flat);
    slices.ends = flat.view.buf;
    slices.count = flat.length;
    if (!status && !ascend(&slices)) status = refuse("ends are 32-bit numbers that ascend within their text");
    if (!status) status = number_slices(table, &slices, out);
    flat_release(&flat, 1);
    return status;
}

/* What is given of several documents, one after the other: a tuple of tuples, or of None; NULL with an error set. */
static PyObject *given_of(PyObject *args, Table **table)
{
    PyObject *capsule, *sequence;
    if (!PyArg_ParseTuple(args, "OO", &capsule, &sequence)) return NULL;
    *table = PyCapsule_GetPointer(capsule, NAME);
    PyObject *items = *table ? PySequence_Tuple(sequence) : NULL;
    for (Py_ssize_t i = 0; items && i < PyTuple_GET_SIZE(items); i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        if (item != Py_None && !PyTuple_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "what is given of a document is a tuple, or None");
            Py_CLEAR(items);
        }
    }
    return items;
}

PyObject *kernel_intern_slices(PyObject *self, PyObject *args)
{
    Table *table;
    Numbers out = {0}, counts = {0};
    PyObject *items = given_of(args, &table), *result = NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    int status = make_room(&counts, (size_t)size);
    for (Py_ssize_t i = 0; i < size && !status; i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        size_t before = out.count;
        if (item != Py_None) status = add_pieces(table, item, &out);
        counts.at[counts.count++] = (uint32_t)(out.count - before);
    }
    if (!status) result = Py_BuildValue("(NN)", bytes_of(&out), bytes_of(&counts));
    free(out.at);
    free(counts.at);
    Py_DECREF(items);
    return result;
}

/* ---- intern_units ------------------------------------------------------------------------------- */

/* Adds the symbols of a run, or of a word; returns how many terms they stand for, -1 for an error. */
static Py_ssize_t add_unit(Table *table, PyObject *text, Py_ssize_t from, Py_ssize_t to, int run, Numbers *out)
{
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    if (!run) {
        uint64_t key = to - from <= SHORT ? key_of(kind, data, from, to - from) : 0;
        int64_t number = number_slice(table, text, from, to, key, Py_None);
        if (number < 0) return -1;
        out->at[out->count++] = (uint32_t)number << 1;
        return 1;
    }
    for (Py_ssize_t at = from; at < to; at++) {
        uint64_t key = key_of(kind, data, at, 1);
        Slot *slot = slot_of(table, key);
        int64_t number = slot->key ? slot->number : number_key(table, key, 1);
        if (number < 0) return -1;
        out->at[out->count++] = (uint32_t)number << 1 | (at + 1 < to);
    }
    return 2 * (to - from) - 1;
}

/* How many positions the spans have; -1 where they are none of the text. */
static Py_ssize_t size_of(const uint32_t *spans, Py_ssize_t count, Py_ssize_t length)
{
    Py_ssize_t size = 0;
    for (Py_ssize_t i = 0; i < count; i += 2) {
        Py_ssize_t from = spans[i] >> 1, to = spans[i + 1];
        if (from >= to || to > length) return -1;
        size += spans[i] & 1 ? to - from : 1;
    }
    return size;
}

/* Adds the symbols of the units of one text; returns how many terms they stand for, -1 for an error. */
static Py_ssize_t add_units(Table *table, PyObject *units, Numbers *out)
{
    PyObject *text, *spans;
    Flat flat = {{0}};
    Py_ssize_t size = -1, terms = 0;
    if (!PyArg_ParseTuple(units, "UO", &text, &spans) || flat_take(spans, 4, "spans", &flat) < 0) return -1;
    const uint32_t *span = flat.view.buf;
    if (flat.length % 2 == 0) size = size_of(span, flat.length, PyUnicode_GET_LENGTH(text));
    if (size < 0) terms = refuse("units are spans of their text");
    else if (make_room(out, (size_t)size) < 0) terms = -1;
    for (Py_ssize_t i = 0; i < flat.length && terms >= 0; i += 2) {
        Py_ssize_t added = add_unit(table, text, span[i] >> 1, span[i + 1], span[i] & 1, out);
        terms = added < 0 ? -1 : terms + added;
    }
    flat_release(&flat, 1);
    return terms;
}

PyObject *kernel_intern_units(PyObject *self, PyObject *args)
{
    Table *table;
    Numbers out = {0}, counts = {0}, sizes = {0};
    PyObject *items = given_of(args, &table), *result = NULL;
    if (!items) return NULL;
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    int status = make_room(&counts, (size_t)size) < 0 ? -1 : make_room(&sizes, (size_t)size);
    for (Py_ssize_t i = 0; i < size && !status; i++) {
        PyObject *item = PyTuple_GET_ITEM(items, i);
        size_t before = out.count;
        Py_ssize_t terms = item == Py_None ? 0 : add_units(table, item, &out);
        status = terms < 0 ? -1 : 0;
        counts.at[counts.count++] = (uint32_t)(out.count - before);
        sizes.at[sizes.count++] = (uint32_t)terms;
    }
    if (!status) result = Py_BuildValue("(NNN)", bytes_of(&out), bytes_of(&counts), bytes_of(&sizes));
    free(out.at);
    free(counts.at);
    free(sizes.at);
    Py_DECREF(items);
    return result;
}
